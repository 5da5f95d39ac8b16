import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { Unread } from './unread.js';

it('the pieces are one', () => {
  const unread = new Unread();

  for (const piece of ['ab', '', 'c', 'defgh', 'i']) unread.push(Buffer.from(piece));

  expect(unread.length).toBe(9);
  expect(unread.text(9)).toBe('abcdefghi');
  expect(unread.at(3)).toBe('d'.charCodeAt(0));
  expect(unread.view(2)).toEqual(Buffer.from('ab'));
});

it('what was skipped is gone', () => {
  const unread = new Unread();
  unread.push(Buffer.from('abc'));
  unread.push(Buffer.from('def'));

  unread.skip(4);
  unread.push(Buffer.from('ghi'));

  expect(unread.text(unread.length)).toBe('efghi');
});

it('a search goes on where it stopped, and starts anew after a skip', () => {
  const unread = new Unread();
  unread.push(Buffer.from('ab'));
  expect(unread.indexOf(LF)).toBe(-1);

  unread.push(Buffer.from('c\nd\n'));

  expect(unread.indexOf(LF)).toBe(3);
  expect(unread.indexOf(LF)).toBe(3);
  unread.skip(4);
  expect(unread.indexOf(LF)).toBe(1);
});

it('a chunk after all was read is not mixed with what was there before', () => {
  const unread = new Unread();
  unread.push(Buffer.from('ab'));
  unread.push(Buffer.from('cdefgh'));
  unread.skip(8);

  unread.push(Buffer.from('ij'));
  unread.push(Buffer.from('k'));

  expect(unread.text(unread.length)).toBe('ijk');
});

it('no chunk is written to, since it is its sender’s', () => {
  const unread = new Unread();
  const shared = Buffer.from('abcdef');

  unread.push(shared.subarray(0, 2));
  unread.push(Buffer.from('XY'));

  expect(unread.text(4)).toBe('abXY');
  expect(shared.toString()).toBe('abcdef');
});

it('letting go of memory loses no byte', () => {
  const unread = new Unread();
  unread.push(Buffer.from('x'.repeat(1000) + 'rest'));
  unread.skip(1000);

  unread.release();
  unread.push(Buffer.from(' of it'));

  expect(unread.text(unread.length)).toBe('rest of it');
});

describe('memory', () => {
  const memoryOf = (unread: Unread): number => unread.view(unread.length).buffer.byteLength;
  const bytes = (length: number): Buffer => Buffer.allocUnsafeSlow(length).fill('x');

  it('of a chunk is let go when less than half of it waits', () => {
    const unread = new Unread();
    unread.push(bytes(1000));
    unread.skip(501);

    unread.release();

    expect(memoryOf(unread)).toBe(499);
  });

  it('of a chunk is kept while half of it waits: nothing is copied', () => {
    const unread = new Unread();
    unread.push(bytes(1000));
    unread.skip(500);

    unread.release();

    expect(memoryOf(unread)).toBe(1000);
  });

  it('of a chunk is let go when nothing of it waits', () => {
    const unread = new Unread();
    unread.push(bytes(1000));
    unread.skip(1000);

    unread.release();

    expect(memoryOf(unread)).toBe(0);
  });

  it('is doubled when a little comes, so that many small pieces are copied a few times', () => {
    const unread = new Unread();
    unread.push(bytes(100));

    unread.push(bytes(1));

    expect(memoryOf(unread)).toBe(200);
  });
});

it('takes any Uint8Array, and looks at no byte around it', () => {
  const unread = new Unread();

  unread.push(new Uint8Array(Buffer.from('a\nb\n')).subarray(2, 3));

  expect(unread.indexOf(LF)).toBe(-1);
  expect(unread.text(unread.length)).toBe('b');
});

const LF = 10;

it.each([
  ['\n\n\nX', true, 3],
  ['\r\n\n\r\nX', true, 5],
  ['\r\nX', false, 0],
  ['\n\r', true, 1],
  ['X\n', true, 0],
  ['', true, 0],
])('the line ends of %j come first, CR in them: %s', (text, mayBeCrLf, bytes) => {
  const unread = new Unread();
  unread.push(Buffer.from(text));

  expect(unread.lineEnds(mayBeCrLf)).toBe(bytes);
});
