import { describe, expect, test } from 'vitest';
import { plainEnvelope, WebSocketBatch } from './envelope.js';
import { sockJsEnvelope } from './sockjs-envelope.js';

/** RFC 6455, 5.2, as a client reads it: each message, and whether it was binary. */
function read(bytes: Buffer): [string, boolean][] {
  const messages: [string, boolean][] = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const lengthBytes = second === 127 ? 8 : second === 126 ? 2 : 0;
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? second : Number(`0x${bytes.toString('hex', at + 2, start)}`);
    messages.push([bytes.toString('latin1', start, start + length), first === 0x82]);
    at = start + length;
  }
  return messages;
}

describe('a batch', () => {
  // RFC 6455, 5.2: 7 bits of length, 16, or 64.
  test.each([0, 125, 126, 65_535, 65_536, 200_000])('holds a message of %i bytes', (length) => {
    const frame = Buffer.alloc(length, 'a');

    const bytes = new WebSocketBatch(plainEnvelope(25_000)).bytesOf([frame]);

    expect(read(bytes)).toEqual([[frame.toString(), false]]);
  });

  test('is one message for each frame: text where it is UTF-8, else binary', () => {
    const frames = [Buffer.from('a'), Buffer.of(0xff), Buffer.from('b')];

    const bytes = new WebSocketBatch(plainEnvelope(25_000)).bytesOf(frames);

    expect(read(bytes)).toEqual([
      ['a', false],
      ['\xff', true],
      ['b', false],
    ]);
  });

  test('is one message of SockJS', () => {
    const bytes = new WebSocketBatch(sockJsEnvelope(25_000)).bytesOf([Buffer.from('a'), Buffer.from('"')]);

    expect(read(bytes)).toEqual([['a["a","\\""]', false]]);
  });

  test('is made once for the same frames, and anew for any others', () => {
    const batch = new WebSocketBatch(plainEnvelope(25_000));
    const [a, b, alsoA] = ['a', 'b', 'a'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    const bytesOf = (...frames: Buffer[]): Buffer =>
      new WebSocketBatch(plainEnvelope(25_000)).bytesOf(frames);
    const first = batch.bytesOf([a, b]);

    expect(batch.bytesOf([a, b])).toBe(first);
    for (const others of [[a], [b, a], [a, b, b], []]) {
      expect(batch.bytesOf(others)).toEqual(bytesOf(...others));
      expect(batch.bytesOf([a, b])).toEqual(first);
    }
    expect(batch.bytesOf([alsoA, b])).not.toBe(first);
  });
});
