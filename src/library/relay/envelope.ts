import { Buffer } from 'node:buffer';
import { cursorOf, parseCursor, type Cursor } from '../broker/cursor.js';
import type { Audience, Message } from '../broker/message.js';
import { Decoder } from '../stomp/decoder.js';
import { encodeLines, headerLines } from '../stomp/encoder.js';
import type { Frame } from '../stomp/frame.js';

/**
 * Of what a node reads and writes; its row tells it to the others. A reader skips frames of another version, and headers
 * that it doesn't know.
 */
export const ENVELOPE_VERSION = 1;

/** How a message crosses: whole; as a letter that waits elsewhere; or as news that its log has a row. */
export type Content =
  | { readonly kind: 'whole' }
  | { readonly kind: 'letter'; readonly id: string }
  | { readonly kind: 'news'; readonly position: Cursor };

/** A message on its way between nodes. */
export interface RelayedMessage {
  /** Random, and new at each start of a node. */
  readonly node: string;
  /** Counted by that node for each channel, from 1. */
  readonly seq: number;
  /** By the sender's clock, ms since the Unix epoch. */
  readonly at: number;
  readonly content: Content;
  /** Without body where the content isn't whole; without headers where it is a letter. */
  readonly message: Message;
}

/**
 * Messages as bytes: MESSAGE frames of STOMP 1.2, one after the other, each with headers of its own that say where it
 * comes from:
 *
 * - `c-v`, `c-node`, `c-seq`, `c-at`: as in `Envelope`; the first two begin every frame, in this order;
 * - `c-only`, `c-except` or `c-users` (JSON): the audience;
 * - `c-cursor`: the position; with `c-news` the message is only told to exist;
 * - `c-letter`: the id of the letter that holds the frame.
 *
 * A header of the message that begins with `c-` is written as `c-h-…`, so that none is taken for these.
 */
export class Envelopes {
  readonly #begin: string;
  readonly #beginning: Buffer;

  constructor(node: string) {
    this.#begin = headerLines(
      [
        ['c-v', `${ENVELOPE_VERSION}`],
        ['c-node', node],
      ],
      '1.2',
    );
    this.#beginning = Buffer.from(`MESSAGE\n${this.#begin}`);
  }

  encode(message: Message, content: Content, { seq, at }: Pick<RelayedMessage, 'seq' | 'at'>): Buffer {
    const lines = `${this.#begin}c-seq:${seq}\nc-at:${at}\n${headerLines(ownHeaders(message, content), '1.2')}`;
    if (content.kind !== 'whole') return encodeLines('MESSAGE', lines);
    return encodeLines('MESSAGE', lines + headerLines(markedHeaders(message), '1.2'), message.body);
  }

  /** Whether this node wrote a payload: known without decoding it. */
  isOwn(payload: Uint8Array): boolean {
    const { length } = this.#beginning;
    return payload.length >= length && this.#beginning.equals(payload.subarray(0, length));
  }
}

/**
 * Reads a payload; nothing of it refers to the payload's memory.
 * @returns frames of a version that isn't known here as undefined
 * @throws where bytes are no envelopes; what stands before them is lost too
 */
export function decode(payload: Uint8Array): (RelayedMessage | undefined)[] {
  // The line bounds payloads, and the node that wrote it has checked what clients sent.
  const decoder = new Decoder({ bodyBytes: Infinity, headers: Infinity, headerLineBytes: Infinity });
  decoder.version = '1.2';
  decoder.push(payload);
  const envelopes: (RelayedMessage | undefined)[] = [];
  for (let frame = decoder.next(); frame; frame = decoder.next()) envelopes.push(envelopeOf(frame));
  if (decoder.begunBytes > 0) throw new Error('The payload ends within a frame');
  if (envelopes.length === 0) throw new Error('The payload has no frame');
  return envelopes;
}

function envelopeOf({ command, headers, body }: Frame): RelayedMessage | undefined {
  if (command !== 'MESSAGE') throw new Error(`The payload has a frame ${command}`);
  if (headers.get('c-v') !== `${ENVELOPE_VERSION}`) return undefined;
  const node = required(headers, 'c-node');
  const seq = wholeNumber(headers, 'c-seq');
  const at = wholeNumber(headers, 'c-at');
  const position = positionOf(headers);
  const audience = audienceOf(headers);
  const message: Message = {
    id: required(headers, 'message-id'),
    address: required(headers, 'destination'),
    headers: messageHeaders(headers),
    body,
    ...(audience && { audience }),
    ...(position && { position }),
  };
  return { node, seq, at, content: contentOf(headers, position), message };
}

function contentOf(headers: Frame['headers'], position: Cursor | undefined): Content {
  const letter = headers.get('c-letter');
  if (letter !== undefined) return { kind: 'letter', id: letter };
  if (!headers.has('c-news')) return { kind: 'whole' };
  if (!position) throw new Error('The payload has news without a position');
  return { kind: 'news', position };
}

function* ownHeaders(message: Message, content: Content): Iterable<readonly [string, string]> {
  const { audience, position } = message;
  if (audience) yield audienceHeader(audience);
  if (position) yield ['c-cursor', cursorOf(position)];
  if (content.kind === 'news') yield ['c-news', '1'];
  if (content.kind === 'letter') yield ['c-letter', content.id];
  yield ['destination', message.address];
  yield ['message-id', message.id];
}

function audienceHeader(audience: Audience): readonly [string, string] {
  if ('users' in audience) return ['c-users', JSON.stringify(audience.users)];
  return 'only' in audience ? ['c-only', audience.only] : ['c-except', audience.except];
}

const OWN = 'c-';
const MARK = 'c-h-';

function* markedHeaders({ headers }: Message): Iterable<readonly [string, string]> {
  for (const header of headers) yield header[0].startsWith(OWN) ? [MARK + header[0], header[1]] : header;
}

function messageHeaders(headers: Frame['headers']): Message['headers'] {
  const own = new Map<string, string>();
  for (const [name, value] of headers) {
    if (name.startsWith(MARK)) own.set(name.slice(MARK.length), value);
    else if (!name.startsWith(OWN) && !ofTheDelivery.has(name)) own.set(name, value);
  }
  return own;
}

const ofTheDelivery: ReadonlySet<string> = new Set(['destination', 'message-id', 'content-length']);

function audienceOf(headers: Frame['headers']): Audience | undefined {
  const only = headers.get('c-only');
  if (only !== undefined) return { only };
  const users = headers.get('c-users');
  if (users !== undefined) return { users: JSON.parse(users) as string[] };
  const except = headers.get('c-except');
  return except === undefined ? undefined : { except };
}

function positionOf(headers: Frame['headers']): Cursor | undefined {
  const cursor = headers.get('c-cursor');
  if (cursor === undefined) return undefined;
  const position = parseCursor(cursor);
  if (!position) throw new Error('The payload has a cursor that is none');
  return position;
}

function required(headers: Frame['headers'], name: string): string {
  const value = headers.get(name);
  if (value === undefined || value === '') throw new Error(`The payload has a frame without ${name}`);
  return value;
}

function wholeNumber(headers: Frame['headers'], name: string): number {
  const text = required(headers, name);
  const number = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new Error(`The payload has a frame whose ${name} is no number`);
}
