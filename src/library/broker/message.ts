import type { Cursor } from './cursor.js';

/** Header names and values of a message, decoded; insertion order is kept. */
export type Headers = ReadonlyMap<string, string>;

/** What is to be published; the broker gives it its id. */
export interface Draft {
  readonly address: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Some of its subscribers only; by default all. */
  readonly audience?: Audience;
  /** Its place in the log of its address, which clients are told as the header `cursor` and as the id of an event. */
  readonly position?: Cursor;
}

/**
 * By session: one of them, or all others. Subscribers without a session (streams, methods) are in the second only. Or by
 * user: those of these names.
 */
export type Audience =
  { readonly only: string } | { readonly except: string } | { readonly users: readonly string[] };

/** Who receives, as far as an audience asks. */
export interface Recipient {
  readonly sessionId?: string | undefined;
  readonly owner?: { readonly user: { readonly name: string } } | undefined;
}

/** Whether a message is for a subscriber. */
export function isMeant(audience: Audience | undefined, recipient: Recipient): boolean {
  if (audience === undefined) return true;
  const { sessionId, owner } = recipient;
  if ('users' in audience) return owner !== undefined && audience.users.includes(owner.user.name);
  return 'only' in audience ? sessionId === audience.only : sessionId !== audience.except;
}

/** What is published: immutable, and shared by all who receive it. */
export interface Message {
  /** Unique within this process; a log or a queue may give its own. */
  readonly id: string;
  /** The resolved address that it was published to, such as `/topic/news` or `/user/ada%40example.org/queue/x`. */
  readonly address: string;
  /** Without `destination`, `message-id`, `subscription`, `ack` and `content-length`: those belong to each delivery. */
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly audience?: Audience;
  /** As in the draft. A verdict has one too: where its reader goes on. */
  readonly position?: Cursor;
  /** Says something of the subscription itself (a resume's verdict): it isn't unsettled, whatever the ack mode. */
  readonly isControl?: true;
}

/**
 * Whether two messages are one that was published to several users (`Broker#publishToUsers`): nobody is shown the address
 * of a user, so both look alike.
 */
export function isSameForUsers(one: Message, other: Message | undefined): boolean {
  return (
    other !== undefined &&
    one.body === other.body &&
    one.headers === other.headers &&
    one.id === other.id &&
    one.position === other.position
  );
}

/** Header of a MESSAGE that has a position: that one, opaque, `epoch:seq`. */
export const CURSOR = 'cursor';
/** Header that names the kind of event, SSE's `event-type`. */
export const EVENT_TYPE = 'event-type';

/** Bytes that a message, or a frame, holds in memory: its headers too, which may be as many as its body. */
export function weightOf({ headers, body }: Pick<Draft, 'headers' | 'body'>): number {
  let bytes = body.length;
  // At least two bytes a character in memory, whatever they were on the wire.
  for (const [name, value] of headers) bytes += HEADER_BYTES + 2 * (name.length + value.length);
  return bytes;
}

/** Two strings and their place in a table. */
const HEADER_BYTES = 64;
