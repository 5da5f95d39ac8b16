import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StompError } from '../errors.js';
import { limits } from '../limits.js';
import { Decoder } from './decoder.js';
import { encode } from './encoder.js';
import { clientCommands, mayHaveBody, serverCommands, type Frame } from './frame.js';
import { versions, type Version } from './version.js';

/** Frames as peers may mean them, with every character that the grammar has a use for. */
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

for (const version of versions) {
  it(`what is encoded for ${version} is decoded as it was meant, however the bytes are cut`, () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 5 }), cuts, (meant, at) => {
        const sent = meant.map(({ command, headers, body }) =>
          mayHaveBody(command) ? { command, headers, body } : { command, headers },
        );

        const bytes = Buffer.concat(sent.map((frame) => encode(frame, version)));

        expect(decodeAll(version, cut(bytes, at))).toEqual(sent.map((frame) => sayable(frame, version)));
      }),
      { numRuns: 1000 },
    );
  });
}

it('no bytes make the decoder throw anything but StompError, or answer differently when they are cut', () => {
  fc.assert(
    fc.property(hostileBytes(), cuts, fc.constantFrom(undefined, ...versions), (bytes, at, version) => {
      const whole = outcome(version, [bytes]);

      expect(outcome(version, cut(bytes, at))).toEqual(whole);
      expect(outcome(version, cut(bytes, [...bytes.keys()]))).toEqual(whole);
    }),
    { numRuns: 3000 },
  );
});

/** Bytes that come far: pieces of frames in any order, between bytes without sense. */
function hostileBytes(): fc.Arbitrary<Buffer> {
  const pieces = fc.constantFrom(
    ...clientCommands,
    ...serverCommands,
    'FOO',
    ...['\n', '\r\n', '\n\n', '\r', '\0', '\0\n', ':', '\\', '\\n', '\\r', '\\t', 'a:b\n', 'receipt:1\n'],
    ...[
      'content-length:3\n',
      'content-length:-1\n',
      'content-length:0\n',
      'accept-version:1.2\n',
      'abc',
      '\u00e9',
    ],
  );
  const piece = fc.oneof(
    { weight: 5, arbitrary: pieces.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
  );
  return fc.array(piece, { maxLength: 30 }).map((list) => Buffer.concat(list));
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, i) => bytes.slice(places[i], place));
}

function decodeAll(version: Version | undefined, chunks: Uint8Array[]): unknown[] {
  const decoder = new Decoder(limits);
  decoder.version = version;
  const decoded: Frame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame; frame = decoder.next()) decoded.push(frame);
  }
  return decoded.map(plain);
}

function outcome(version: Version | undefined, chunks: Uint8Array[]): unknown {
  const decoder = new Decoder(limits);
  decoder.version = version;
  const decoded: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame; frame = decoder.next()) decoded.push(plain(frame));
    }
    return { decoded, left: decoder.bufferedBytes };
  } catch (error) {
    expect(error).toBeInstanceOf(StompError);
    return {
      decoded,
      error: error instanceof StompError ? [error.code, error.message, error.headers] : error,
    };
  }
}

function plain({ command, headers, body }: Frame): unknown {
  return { command, headers: [...headers], body: [...body] };
}

/** What of a frame its version can say: the rule, written a second time and plainly. */
function sayable(
  { command, headers, body }: { command: string; headers: [string, string][]; body?: Uint8Array },
  version: Version,
): unknown {
  const isUnescaped = ['CONNECT', 'STOMP', 'CONNECTED'].includes(command);
  const sayableHeaders = headers
    .filter(([name]) => name !== '' && name !== 'content-length')
    .filter(([name, value]) => !isUnescaped || !/[\r\n]/.test(name + value))
    .filter(([name, value]) => version !== '1.0' || !/\n/.test(name + value))
    .filter(([name]) => !name.includes(':') || (version !== '1.0' && !isUnescaped))
    .filter(([, value]) => version !== '1.0' || isUnescaped || value !== '')
    .map(([name, value]) => [name, version === '1.0' ? value.replace(/^[ \t]+|[ \t]+$/g, '') : value]);
  const count = body && body.length > 0 ? [['content-length', `${body.length}`]] : [];
  return { command, headers: [...sayableHeaders, ...count], body: [...(body ?? [])] };
}
