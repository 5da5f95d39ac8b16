import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { Refusal } from '../errors.js';
import { limits } from '../limits.js';
import { Decoder, type FrameLimits } from './decoder.js';
import { encode } from './encoder.js';
import { clientCommands, mayHaveBody, serverCommands } from './frame.js';
import { versions, type Version } from './version.js';

const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '\n', '\r', ':', 'n', 'r', 'c', ' '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 20,
});
const frames = fc.record({
  command: fc.constantFrom(...clientCommands, ...serverCommands),
  headers: fc.uniqueArray(fc.tuple(texts, texts), { selector: ([name]) => name, maxLength: 6 }),
  body: fc.uint8Array({ maxLength: 100 }),
});
const cuts = fc.array(fc.nat(1000), { maxLength: 20 });

describe.each(versions)('%s', (version) => {
  it('what is encoded is decoded as it was meant, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 5 }), cuts, (meant, at) => {
        const sent = meant.map((frame) => (mayHaveBody(frame.command) ? frame : { ...frame, body: NO_BODY }));

        const bytes = Buffer.concat(sent.map((frame) => encode(frame, version)));

        expect(decode(version, cut(bytes, at)).decoded).toEqual(sent.map((frame) => sayable(frame, version)));
      }),
      runs(1000),
    );
  });
});

describe('any bytes', () => {
  const small: FrameLimits = { bodyBytes: 5, headers: 2, headerLineBytes: 30 };

  it('are answered with frames or Refusal, the same however they are cut', () => {
    fc.assert(
      fc.property(
        hostileBytes(),
        cuts,
        fc.constantFrom(undefined, ...versions),
        fc.constantFrom<FrameLimits[]>(limits, small),
        (bytes, at, version, bounds) => {
          const whole = decode(version, [bytes], bounds);

          expect(decode(version, cut(bytes, at), bounds)).toEqual(whole);
          expect(decode(version, cut(bytes, [...bytes.keys()]), bounds)).toEqual(whole);
        },
      ),
      runs(1000),
    );
  });

  it('leave no more behind than a body or a header line may have', () => {
    fc.assert(
      fc.property(hostileBytes(), fc.constantFrom(undefined, ...versions), (bytes, version) => {
        const { left } = decode(version, [bytes], small);

        // One byte more may be the CR of a line end.
        expect(left).toBeLessThanOrEqual(small.headerLineBytes + 1);
      }),
      runs(1000),
    );
  });
});

/** Bytes that come far: pieces of frames in any order, between bytes without sense. */
function hostileBytes(): fc.Arbitrary<Buffer> {
  const pieces = fc.constantFrom(
    ...['SEND\n', 'CONNECT\n', 'MESSAGE\r\n', 'SUBSCRIBE\n', 'ACK', 'FOO\n', 'UNSUBSCRIBED', 'abcdefgh'],
    ...['\n', '\r\n', '\n\n', '\r', '\0', '\0\n', ':', '\\', '\\n', '\\r', '\\t', 'a:b\n', ' ', '\u00e9'],
    ...['receipt:1\n', 'accept-version:1.2\n'],
    ...['content-length:3\n', 'content-length:0\n', 'content-length:6\n', 'content-length:-1\n'],
  );
  const piece = fc.oneof(
    { weight: 9, arbitrary: pieces.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
  );
  const begun = fc
    .constantFrom('', 'SEND\n', 'CONNECT\n', 'SEND\na:b\n', 'MESSAGE\n\n')
    .map((text) => Buffer.from(text));
  return fc
    .tuple(begun, fc.array(piece, { maxLength: 30 }))
    .map(([head, list]) => Buffer.concat([head, ...list]));
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, i) => bytes.slice(places[i], place));
}

/** Everything that can be seen from outside, as plain values. */
function decode(version: Version | undefined, chunks: Uint8Array[], bounds: FrameLimits = limits): Outcome {
  const decoder = new Decoder(bounds);
  decoder.version = version;
  const decoded: PlainFrame[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame; frame = decoder.next()) {
        decoded.push({ command: frame.command, headers: [...frame.headers], body: [...frame.body] });
      }
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { decoded, left: decoder.bufferedBytes, refusal: [error.code, error.message, error.headers] };
  }
  return { decoded, left: decoder.bufferedBytes };
}

interface Outcome {
  readonly decoded: PlainFrame[];
  readonly left: number;
  readonly refusal?: unknown;
}

interface PlainFrame {
  readonly command: string;
  readonly headers: [string, string][];
  readonly body: number[];
}

/** What of a frame its version can say: the encoder's rules, written a second time and plainly. */
function sayable(
  { command, headers, body }: { command: string; headers: [string, string][]; body: Uint8Array },
  version: Version,
): PlainFrame {
  const isUnescaped = ['CONNECT', 'STOMP', 'CONNECTED'].includes(command);
  const said = headers
    .filter(([name]) => name !== '' && name !== 'content-length' && !name.startsWith('\0'))
    .filter(([name, value]) => !isUnescaped || !/[\r\n]/.test(name + value))
    .filter(([name, value]) => version !== '1.0' || !/\n/.test(name + value))
    .filter(([name]) => !name.includes(':') || (version !== '1.0' && !isUnescaped))
    .filter(([, value]) => version !== '1.0' || isUnescaped || value !== '')
    .map(([name, value]): [string, string] => [
      name,
      version === '1.0' ? value.replace(/^[ \t]+|[ \t]+$/g, '') : value,
    ]);
  const count: [string, string][] = body.length > 0 ? [['content-length', `${body.length}`]] : [];
  return { command, headers: [...said, ...count], body: [...body] };
}

const NO_BODY = new Uint8Array();
