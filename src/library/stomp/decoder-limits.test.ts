import { Buffer } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Decoder, type FrameLimits } from './decoder.js';
import type { Frame } from './frame.js';

const KIB = 1024;
const MIB = 1024 * KIB;
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

describe('memory', () => {
  it('of a body that comes byte by byte is of its size', () => {
    const decoder = decoderOf(limits);
    decoder.push(Buffer.from(`SEND\ncontent-length:${MIB}\n\n`));

    const grown = growth(() => {
      for (let i = 0; i < MIB; i++) {
        decoder.push(Buffer.of(i));
        decoder.next();
      }
      return decoder;
    });

    expect(decoder.bufferedBytes).toBe(MIB);
    expect(grown).toBeLessThan(16 * MIB);
  });

  it('of a large chunk is let go when a small rest of it waits', () => {
    const grown = growth(() =>
      Array.from({ length: 50 }, () => {
        const decoder = decoderOf(limits);
        decoder.push(Buffer.concat([Buffer.alloc(MIB, '\n'), Buffer.from('SEND\nrest')]));
        decoder.next();
        return decoder;
      }),
    );

    expect(grown).toBeLessThan(25 * MIB);
  });

  it('of a large chunk is let go when all of it was read', () => {
    const grown = growth(() =>
      Array.from({ length: 50 }, () => {
        const decoder = decoderOf(limits);
        decoder.push(Buffer.alloc(MIB, '\n'));
        decoder.next();
        return decoder;
      }),
    );

    expect(grown).toBeLessThan(25 * MIB);
  });

  it('of a large chunk is let go when a small body of it is kept', () => {
    const grown = growth(() =>
      Array.from({ length: 50 }, () => {
        const decoder = decoderOf(limits);
        decoder.push(Buffer.concat([Buffer.from('SEND\n\nkept\0'), Buffer.alloc(MIB, '\n')]));
        return decoder.next();
      }),
    );

    expect(grown).toBeLessThan(25 * MIB);
  });

  it('of a broken conversation is let go', () => {
    const decoder = decoderOf(limits);
    decoder.push(Buffer.alloc(MIB, 'x'));
    expect(() => decoder.next()).toThrow('not a command');

    expect(decoder.bufferedBytes).toBe(0);
  });
});

describe('time', () => {
  it.each<[string, string]>([
    ['a body that comes byte by byte', 'SEND\n\n'],
    ['a header line that comes byte by byte', 'SEND\na:'],
  ])('of %s grows with its length, not with its square', (_, start) => {
    const wide = { bodyBytes: MIB, headers: 1, headerLineBytes: MIB };
    const decoder = decoderOf(wide);
    decoder.push(Buffer.from(start));
    const byte = Buffer.from('x');

    const spent = cpuMs(() => {
      for (let i = 0; i < MIB / 2; i++) {
        decoder.push(byte);
        decoder.next();
      }
    });

    // Half a second; its square would be half a minute.
    expect(spent).toBeLessThan(5000);
  });

  it('of blanks within a value grows with their number, not with its square', () => {
    const wide = { ...limits, headerLineBytes: MIB };
    const value = `a${' '.repeat(MIB - 10)}b`;
    const decoder = decoderOf(wide);
    decoder.version = '1.0';
    decoder.push(Buffer.from(`SEND\nx:${value}\n\n\0`));

    const spent = cpuMs(() => expect(decoder.next()?.headers.get('x')).toBe(value));

    expect(spent).toBeLessThan(1000);
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

/** How much more memory there is in use, heap and buffers, while what was made is held. */
function growth(make: () => unknown): number {
  const before = used();
  const held = make();
  const grown = used() - before;
  return held === undefined ? 0 : grown;
}

/** Processor time, which others on this machine don't lengthen. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function used(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
