import assert from 'node:assert/strict';
import { Refusal } from '../../src/library/errors.js';
import { Decoder } from '../../src/library/stomp/decoder.js';
import { versions, type Version } from '../../src/library/stomp/version.js';
import { conversation } from './conversation.js';
import { cutUp, mutated } from './mutation.js';
import type { Random } from './random.js';

const limits = { bodyBytes: 1_000, headers: 20, headerLineBytes: 500 };
/** Bytes that the decoder may keep: of a line and its end, or of a body and its NUL. */
const KEPT_BYTES = Math.max(limits.bodyBytes, limits.headerLineBytes) + 2;

/** One round: mutated frames are read the same however they are cut, and throw nothing but Refusal. */
export function fuzzDecoder(random: Random): void {
  const version = random.oneOf([...versions]);
  const bytes = mutated(Buffer.concat(conversation(version, random).slice(1)), random);

  const whole = read(version, [bytes]);

  assert.deepEqual(read(version, cutUp(bytes, random)), whole);
}

function read(version: Version, pieces: readonly Buffer[]): unknown[] {
  const decoder = new Decoder(limits);
  decoder.version = version;
  const results: unknown[] = [];
  for (const piece of pieces) {
    decoder.push(piece);
    try {
      for (let frame = decoder.next(); frame; frame = decoder.next()) results.push(frame);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      results.push(error.code);
    }
    assert.ok(decoder.bufferedBytes <= KEPT_BYTES, `${decoder.bufferedBytes} bytes are kept`);
  }
  return results;
}
