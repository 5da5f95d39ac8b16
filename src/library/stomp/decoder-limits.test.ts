import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Decoder, type FrameLimits } from './decoder.js';
import type { Frame } from './frame.js';

const KIB = 1024;
const tooLarge: unknown = expect.objectContaining({ code: 'frame_too_large' });

// STOMP 1.2, Size Limits
describe('a body', () => {
  const small = { ...limits, bodyBytes: 4 };

  it.each(['', 'abc', 'abcd'])('of %j is within a limit of four bytes, counted or not', (body) => {
    expect(decode(small, `SEND\n\n${body}\0`)?.body.length).toBe(body.length);
    expect(decode(small, `SEND\ncontent-length:${body.length}\n\n${body}\0`)?.body.length).toBe(body.length);
  });

  it('of five is not', () => {
    expect(() => decode(small, 'SEND\n\nabcde\0')).toThrow(tooLarge);
    expect(() => decode(small, 'SEND\ncontent-length:5\n\nabcde\0')).toThrow(tooLarge);
  });

  it('is refused before it has come: by its count, or as soon as it is too long', () => {
    expect(() => decode(small, 'SEND\ncontent-length:5\n\n')).toThrow(tooLarge);
    expect(() => decode(small, `SEND\ncontent-length:${'9'.repeat(400)}\n\n`)).toThrow(tooLarge);
    expect(() => decode(small, 'SEND\n\nabcde')).toThrow(tooLarge);
    expect(decode(small, 'SEND\n\nabcd')).toBeUndefined();
  });

  it('of 1,023 KiB is within the default, as the suite of stompjs wants it', () => {
    expect(decode(limits, `SEND\n\n${'x'.repeat(1023 * KIB)}\0`)?.body.length).toBe(1023 * KIB);
  });
});

describe('the headers of a frame', () => {
  const small = { ...limits, headers: 2 };

  it('may be as many as the limit says', () => {
    expect(decode(small, 'SEND\na:1\n\n\0')?.headers.size).toBe(1);
    expect(decode(small, 'SEND\na:1\nb:2\n\n\0')?.headers.size).toBe(2);
  });

  it.each(['SEND\na:1\nb:2\nc:3\n', 'SEND\na:1\na:2\na:3\n'])(
    'are refused at the one too many, repeated or not: %j',
    (wire) => {
      expect(() => decode(small, wire)).toThrow(tooLarge);
    },
  );

  it('are counted anew in the next frame', () => {
    const decoder = decoderOf(small);
    decoder.push(Buffer.from('SEND\na:1\nb:2\n\n\0SEND\na:1\nb:2\n\n\0'));

    expect(decoder.next()).toBeDefined();
    expect(decoder.next()).toBeDefined();
  });
});

describe('a header line', () => {
  const small = { ...limits, headerLineBytes: 4 };

  it.each(['a:b', 'a:bc', 'a:ü'])('%j is within a limit of four bytes, without its line end', (line) => {
    expect(decode(small, `SEND\n${line}\n\n\0`)).toBeDefined();
    expect(decode(small, `SEND\r\n${line}\r\n\r\n\0`)).toBeDefined();
  });

  it('of five is not, and is not waited for', () => {
    expect(() => decode(small, 'SEND\na:bcd\n\n\0')).toThrow(tooLarge);
    expect(() => decode(small, 'SEND\na:bcd\r\n\r\n\0')).toThrow(tooLarge);
    expect(() => decode(small, 'SEND\na:bcde')).toThrow(tooLarge);
    expect(decode(small, 'SEND\na:bc\r')).toBeUndefined();
  });
});

function decoderOf(bounds: FrameLimits): Decoder {
  const decoder = new Decoder(bounds);
  decoder.version = '1.2';
  return decoder;
}

function decode(bounds: FrameLimits, wire: string): Frame | undefined {
  const decoder = decoderOf(bounds);
  decoder.push(Buffer.from(wire));
  return decoder.next();
}
