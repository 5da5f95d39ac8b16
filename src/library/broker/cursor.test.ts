import { describe, expect, it } from 'vitest';
import { cursorOf, parseCursor } from './cursor.js';

describe('a cursor', () => {
  it.each([
    { epoch: 'a1B2-_zZ', seq: 0 },
    { epoch: 'x', seq: Number.MAX_SAFE_INTEGER },
  ])('comes back as it was written: %j', (cursor) => {
    expect(parseCursor(cursorOf(cursor))).toEqual(cursor);
  });

  it.each([
    '',
    ':',
    'abc',
    'abc:',
    ':1',
    'abc:-1',
    'abc:01',
    'abc:1.5',
    'abc:1e3',
    'abc: 1',
    'abc:1 ',
    'abc:1\n',
    'abc:1:2',
    'a b:1',
    'abc:9007199254740992',
    `${'a'.repeat(17)}:1`,
    `abc:${'9'.repeat(400)}`,
  ])('is nothing else: %j', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
