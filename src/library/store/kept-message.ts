import { isUtf8 } from 'node:buffer';
import type { Cursor } from '../broker/cursor.js';
import { weightOf, type Draft, type Headers } from '../broker/message.js';
import { Refusal } from '../errors.js';
import { NumberedLog } from './numbered-log.js';
import type { NewRow, Numbered } from './number.js';

/** A message that its topic keeps, as committed, with its position: `seq` is 1, 2, 3 … in commit order, without holes. */
export interface KeptMessage extends Cursor {
  readonly createdAt: Date;
  readonly address: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** What is handed to `tx.append(topics, …)`. */
export interface TopicDraft extends Pick<Draft, 'address' | 'headers' | 'body'> {
  /** Within one topic a key is used once: a second draft with it adds nothing, its caller gets the first message. */
  readonly dedupeKey?: string;
}

interface MessageRow {
  readonly epoch: string;
  readonly seq: number;
  readonly created_at: number;
  readonly headers: string;
  readonly body: string;
  readonly encoding: BufferEncoding;
}

/** Kept topics in SQL. */
export const keptMessages = new NumberedLog<MessageRow>(
  { heads: 'kept_topic', rows: 'kept_message', log: 'topic_id' },
  ['epoch', 'seq', 'created_at', 'headers', 'body', 'encoding'],
);

/** @throws {Refusal} frame_too_large @throws {TypeError} a dedupeKey that no database would take */
export function checkDraft(draft: TopicDraft, maxBytes: number): void {
  if (weightOf(draft) > maxBytes)
    throw new Refusal('frame_too_large', `What is kept at ${draft.address} has ${maxBytes} bytes at most.`);
  if (draft.dedupeKey !== undefined && !/^[^\0\p{Surrogate}]{1,255}$/u.test(draft.dedupeKey))
    throw new TypeError('A dedupeKey has 1 to 255 characters, without NUL');
}

/** The columns of a kept message beside those of every numbered log. */
export const VALUE_COLUMNS = ['headers', 'body', 'encoding'] as const;

/**
 * The row that keeps a message.
 * @param topic the id of its topic's row
 */
export function newRowOf(topic: number, { headers, body, dedupeKey }: TopicDraft): NewRow {
  const bytes = Buffer.from(body);
  // PostgreSQL's text can't hold NUL.
  const encoding = isUtf8(bytes) && !bytes.includes(0) ? 'utf8' : 'base64';
  const values = [JSON.stringify([...headers]), bytes.toString(encoding), encoding];
  return { log: topic, dedupeKey, values };
}

/** The message that was kept, from its draft and the number that it got. */
export function keptOf({ address, headers, body }: TopicDraft, place: Numbered): KeptMessage {
  const { epoch, seq, createdAt } = place;
  return { epoch, seq, createdAt, address, headers, body };
}

/** The message that a row keeps. */
export function messageOf(address: string, row: MessageRow): KeptMessage {
  const { epoch, seq, created_at, headers, body, encoding } = row;
  return {
    epoch,
    seq,
    createdAt: new Date(created_at),
    address,
    headers: new Map(JSON.parse(headers) as [string, string][]),
    body: Buffer.from(body, encoding),
  };
}

/** As it is published, and read from the log. */
export function publishedOf({
  address,
  epoch,
  seq,
  headers,
  body,
}: KeptMessage): Draft & { position: Cursor } {
  return { address, position: { epoch, seq }, headers, body };
}
