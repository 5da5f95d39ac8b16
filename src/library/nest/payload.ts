import type { Headers } from '../broker/message.js';
import { excessIn, type JsonBounds } from '../json-bounds.js';
import { limits } from '../limits.js';
import { PayloadError } from './payload-error.js';

/** Values ↔ bodies of one content-type, for `MessagingOptions#converters`. */
export interface MessageConverter {
  /** Such as `application/msgpack`. */
  readonly contentType: string;
  encode(value: unknown): Uint8Array;
  decode(body: Uint8Array): unknown;
  /** Whether a value for which nobody named a content-type is its to encode. Default: none is. */
  accepts?(value: unknown): boolean;
}

/** The application's converters, and behind them JSON, text and bytes. */
export class Converters {
  constructor(
    private readonly own: readonly MessageConverter[] = [],
    private readonly bounds: JsonBounds = limits,
  ) {}

  /**
   * @param contentType as asked for; without it bytes go as they are, a string as text/plain, anything else as JSON,
   *   unless a converter accepts the value
   * @throws {TypeError} the value can't be said in that content-type
   */
  encode(value: unknown, contentType?: string): { contentType: string; body: Uint8Array } {
    const converter =
      contentType === undefined
        ? this.own.find((known) => known.accepts?.(value))
        : this.#of(mediaTypeOf(contentType));
    if (converter) {
      return { contentType: contentType ?? converter.contentType, body: converter.encode(value) };
    }
    const encoded = encodePayload(value);
    if (contentType === undefined) return encoded;
    // Text and bytes are whatever their sender says that they are.
    if (encoded.contentType !== JSON_TYPE || isJson(mediaTypeOf(contentType)))
      return { ...encoded, contentType };
    throw new TypeError(`no converter for ${contentType}`);
  }

  /** @throws {PayloadError} the body isn't what its content-type says */
  decode(headers: Headers, body: Uint8Array): unknown {
    const mediaType = mediaTypeOf(headers.get('content-type') ?? JSON_TYPE);
    const converter = this.#of(mediaType);
    if (!converter) return this.#bounded(decodePayload(mediaType, body));
    try {
      return converter.decode(body);
    } catch (error) {
      throw new PayloadError(`The payload is not ${mediaType}.`, [], { cause: error });
    }
  }

  #bounded(value: unknown): unknown {
    if (typeof value !== 'object' || value instanceof Uint8Array) return value;
    const excess = excessIn(value, this.bounds);
    if (excess === undefined) return value;
    throw new PayloadError(`The payload ${excess}.`);
  }

  #of(mediaType: string): MessageConverter | undefined {
    return this.own.find(({ contentType }) => mediaTypeOf(contentType) === mediaType);
  }
}

const JSON_TYPE = 'application/json';

/**
 * A value as content-type and body: bytes go as they are, a string as text/plain, anything else as JSON.
 * @throws {TypeError} what JSON has no words for: a function, a cycle, a BigInt
 */
export function encodePayload(value: unknown): { contentType: string; body: Uint8Array } {
  if (value instanceof Uint8Array) return { contentType: 'application/octet-stream', body: value };
  if (typeof value === 'string') return { contentType: 'text/plain;charset=UTF-8', body: Buffer.from(value) };
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`a ${typeof value} is nothing that JSON can say`);
  return { contentType: JSON_TYPE, body: Buffer.from(json) };
}

/** JSON parsed, text for `text/*`, else the bytes. An empty JSON body is undefined. */
function decodePayload(mediaType: string, body: Uint8Array): unknown {
  if (mediaType.startsWith('text/')) return utf8(body);
  if (!isJson(mediaType)) return body;
  if (body.length === 0) return undefined;
  const text = utf8(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PayloadError('The payload is not JSON; say so with a content-type, or send JSON.', [], {
      cause: error,
    });
  }
}

/** RFC 9110, 8.3.1: case doesn't matter, and parameters follow a semicolon. */
function mediaTypeOf(contentType: string): string {
  return contentType.replace(/;.*$/s, '').trim().toLowerCase();
}

function isJson(mediaType: string): boolean {
  return mediaType === JSON_TYPE || mediaType.endsWith('+json');
}

function utf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new PayloadError('The payload is not UTF-8.', [], { cause: error });
  }
}
