import { expect, it } from 'vitest';
import type { Refusal } from '../errors.js';
import { refusals } from './refusals.js';

// What a developer needs in order to find the fault: the name, the number, the place.
it.each<[string, () => Refusal]>([
  ['"FETCH"', () => refusals.unknownCommand('FETCH')],
  ['byte 22', () => refusals.noCommand(22)],
  ['UTF-8', () => refusals.headerNotUtf8()],
  ['no colon', () => refusals.headerWithoutColon()],
  ['no name', () => refusals.headerWithoutName()],
  ['blank line', () => refusals.noBlankLine()],
  ['"receipt"', () => refusals.strayCr('receipt')],
  ['"receipt"', () => refusals.undefinedEscape('receipt', '1.1')],
  ['STOMP 1.1', () => refusals.undefinedEscape('receipt', '1.1')],
  ['"content-length"', () => refusals.notACount()],
  ['BEGIN', () => refusals.bodyNotAllowed('BEGIN')],
  ['12 bytes', () => refusals.noNul(12)],
  ['12 headers', () => refusals.tooManyHeaders(12)],
  ['header line may have 12 bytes', () => refusals.headerTooLong(12)],
  ['CONNECT may have 12 bytes', () => refusals.connectTooLarge(12)],
  ['body may have 12 bytes', () => refusals.bodyTooLarge(12)],
])('a refusal names %s, in a sentence', (what, refuse) => {
  const { message } = refuse();

  expect(message).toContain(what);
  expect(message).toMatch(/^["A-Z].*\.$/);
});

it('a refusal shows no more than 64 characters of what came, and none as it is', () => {
  const { message } = refusals.unknownCommand(`A\u0007${'B'.repeat(100)}`);

  expect(message).toContain(`"A\\u0007${'B'.repeat(62)}"`);
});
