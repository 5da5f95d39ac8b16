import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextJoiner } from './text-joiner.js';

it('gives the bytes of a text, however it was cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), (text, cuts) => {
      const joiner = new TextJoiner();
      const ends = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
      const pieces = ends.slice(1).map((end, i) => joiner.take(text.slice(ends[i], end)));

      expect(Buffer.concat(pieces).toString()).toBe(text);
    }),
  );
});

it('takes a half that no other half follows for no character, as UTF-8 has none', () => {
  const joiner = new TextJoiner();

  const pieces = ['a\ud83d', 'b', '\ude00', '\ud83d', '\ud83d', '\ude00'].map((piece) => joiner.take(piece));

  expect(Buffer.concat(pieces).toString()).toBe('a\ufffdb\ufffd\ufffd\u{1f600}');
});
