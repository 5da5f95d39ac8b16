import { expect, test } from 'vitest';
import { QueryFailedError } from 'typeorm';
import { loggable, loggableText } from './log-fields.js';

test.each([
  ['two\r\nlines', 'two��lines'],
  ['\u001b[2Ja terminal', '�[2Ja terminal'],
  ['turned \u202e round', 'turned � round'],
  ['half \ud83d', 'half �'],
  ['😀 Müller', '😀 Müller'],
])('%j is one line of printable text', (text, shown) => {
  expect(loggableText(text)).toBe(shown);
});

test('a long text is cut, and so are what lies deep and what is many', () => {
  const shown = loggable({
    text: 'x'.repeat(10_000),
    many: Array.from({ length: 1_000 }, () => 1),
    deep: [[[[[1]]]]],
  });

  expect(JSON.stringify(shown).length).toBeLessThan(700);
});

test('of a failed statement its kind, its code and what was violated are told, and no value', () => {
  const driverError = Object.assign(new Error('duplicate key value violates unique constraint "uq_email"'), {
    code: '23505',
    detail: 'Key (email)=(secret@example.org) already exists.',
    constraint: 'uq_email',
    table: 'users',
  });
  const error = new QueryFailedError('insert into users values ($1)', ['secret@example.org'], driverError);

  const shown = loggable(error);

  expect(shown).toMatchObject({
    type: 'QueryFailedError',
    code: '23505',
    constraint: 'uq_email',
    table: 'users',
  });
  expect(JSON.stringify(shown)).not.toMatch(/secret|insert into/);
});

test.each([
  ['what a parser read', () => JSON.parse('{"secret": secret}') as unknown],
  ['an URL that is none', () => new URL('secret:// secret')],
  ['a part of an URL', () => decodeURIComponent('%secret')],
])('an error does not quote %s', (_, fail) => {
  let error: unknown;
  try {
    fail();
  } catch (thrown) {
    error = thrown;
  }

  expect(error).toBeInstanceOf(Error);
  expect(JSON.stringify(loggable(new Error('outside', { cause: error })))).not.toMatch(/secret/);
});

test('causes that go round end', () => {
  const error = new Error('round');
  error.cause = error;

  expect(JSON.stringify(loggable(error)).length).toBeLessThan(20_000);
});
