import { isUtf8 } from 'node:buffer';
import { Refusal } from '../errors.js';
import { excessIn, type JsonBounds } from '../json-bounds.js';

/** A message of a JSON socket. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {Refusal} malformed_frame: it isn't one JSON object, or one that is too deep or too large to be walked */
export function parseObject(bytes: Buffer, bounds: JsonBounds): JsonObject {
  const value = valueOf(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('A message is one JSON object.');
  const excess = excessIn(value, bounds);
  if (excess !== undefined) throw malformed(`The message ${excess}.`);
  return value as JsonObject;
}

function valueOf(bytes: Buffer): unknown {
  try {
    if (isUtf8(bytes)) return JSON.parse(bytes.toString());
  } catch {
    // Said below.
  }
  throw malformed('The message is not JSON.');
}

function malformed(message: string): Refusal {
  return new Refusal('malformed_frame', message);
}
