import { Buffer } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Decoder, type FrameLimits } from './decoder.js';

const KIB = 1024;
const MIB = 1024 * KIB;

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
