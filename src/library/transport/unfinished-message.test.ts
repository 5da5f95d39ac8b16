import { describe, expect, it } from 'vitest';
import { UnfinishedMessage } from './unfinished-message.js';

const TEXT = 0x1;
const CONTINUATION = 0x0;
const PING = 0x9;

/** A frame as clients write it, masked with zeros. */
function frame(opcode: number, payload: number, { isFinal = true } = {}): Buffer {
  const length =
    payload < 126
      ? Buffer.from([0x80 | payload])
      : payload < 65_536
        ? Buffer.from([0xfe, payload >> 8, payload & 255])
        : Buffer.from([0xff, 0, 0, 0, 0, payload >> 24, payload >> 16, payload >> 8, payload]);
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode]), length, Buffer.alloc(4 + payload)]);
}

function weightAfter(reads: Iterable<Uint8Array>): number {
  const message = new UnfinishedMessage();
  for (const read of reads) message.push(read);
  return message.weight;
}

const inBytes = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

describe('of what was read of a WebSocket', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])(
    'a whole message of %i bytes leaves nothing',
    (length) => {
      const whole = frame(TEXT, length);

      expect(weightAfter([whole])).toBe(0);
      expect(weightAfter([whole, whole, Buffer.concat([whole, whole])])).toBe(0);
      expect(weightAfter(inBytes(whole))).toBe(0);
    },
  );

  it.each([1, 125, 126, 65_536])('all but the last byte of a message of %i bytes counts', (length) => {
    const whole = frame(TEXT, length);

    expect(weightAfter([whole.subarray(0, -1)])).toBeGreaterThanOrEqual(whole.length - 1);
    expect(weightAfter([whole, whole.subarray(0, -1)])).toBeGreaterThanOrEqual(whole.length - 1);
  });

  it('fragments count until the last one, pings among them', () => {
    const begun = frame(TEXT, 1_000, { isFinal: false });
    const next = frame(CONTINUATION, 1_000, { isFinal: false });
    const last = frame(CONTINUATION, 0);

    expect(weightAfter([begun, frame(PING, 0), next])).toBeGreaterThan(2_000);
    expect(weightAfter([begun, frame(PING, 0), next, last])).toBe(0);
  });

  it('pings alone leave nothing, however many', () => {
    expect(weightAfter(Array.from({ length: 100 }, () => frame(PING, 125)))).toBe(0);
  });

  it('a read that ends within a message counts whole: what is kept of it keeps the rest', () => {
    const read = Buffer.concat([frame(TEXT, 60_000), frame(TEXT, 10).subarray(0, 3)]);

    expect(weightAfter([read])).toBeGreaterThan(60_000);
  });

  it('pieces count as more than their bytes', () => {
    const empty = frame(CONTINUATION, 0, { isFinal: false });
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => empty));

    expect(weightAfter([frame(TEXT, 0, { isFinal: false }), many])).toBeGreaterThan(100_000);
    expect(weightAfter(inBytes(frame(TEXT, 1_000).subarray(0, -1)))).toBeGreaterThan(100_000);
  });
});
