import { StompError } from '../errors.js';
import type { Headers } from '../broker/message.js';
import type { PayloadSchema } from './decorators.js';

/** A value as content-type and body: bytes go as they are, a string as text/plain, anything else as JSON. */
export function encodePayload(value: unknown): { contentType: string; body: Uint8Array } {
  if (value instanceof Uint8Array) return { contentType: 'application/octet-stream', body: value };
  if (typeof value === 'string') return { contentType: 'text/plain;charset=UTF-8', body: Buffer.from(value) };
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

/**
 * A body as value: JSON parsed where the content-type is JSON or absent, text for `text/*`, else the bytes.
 * An empty JSON body is undefined.
 * @throws {StompError} handler_failed: the sender's body doesn't fit its content-type, or not the schema
 */
export function decodePayload(headers: Headers, body: Uint8Array, schema?: PayloadSchema): unknown {
  const value = parse(mediaTypeOf(headers), body);
  if (!schema) return value;
  try {
    return schema.parse(value);
  } catch (error) {
    throw refusal(`The payload is not valid: ${issuesOf(error)}`, error);
  }
}

/** RFC 9110, 8.3.1: case doesn't matter, and parameters follow a semicolon. */
function mediaTypeOf(headers: Headers): string {
  return (headers.get('content-type') ?? 'application/json').replace(/;.*$/s, '').trim().toLowerCase();
}

function parse(mediaType: string, body: Uint8Array): unknown {
  if (mediaType.startsWith('text/')) return utf8(body);
  if (mediaType !== 'application/json' && !mediaType.endsWith('+json')) return body;
  if (body.length === 0) return undefined;
  const text = utf8(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal('The payload is not JSON; say so with a content-type, or send JSON.', error);
  }
}

function utf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw refusal('The payload is not UTF-8.', error);
  }
}

/** The names of the fields and what is wrong with them, if the schema tells as zod does. */
function issuesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const issues = 'issues' in error && Array.isArray(error.issues) ? (error.issues as Issue[]) : [];
  if (issues.length === 0) return error.message;
  return issues.map(({ path, message }) => `${path?.join('.') || 'it'}: ${message}`).join('; ');
}

interface Issue {
  readonly path?: readonly PropertyKey[];
  readonly message: string;
}

function refusal(message: string, cause: unknown): StompError {
  return new StompError('handler_failed', message, {}, { cause });
}
