import type { Limits } from '../limits.js';
import { mayHaveBody } from './frame.js';
import { trimmed } from './header.js';
import { refusals } from './refusals.js';
import type { Version } from './version.js';
import { wholeNumberOf } from './whole-number.js';

/** What is known of a frame before its body. */
export interface IncompleteFrame {
  readonly command: string;
  readonly headers: Map<string, string>;
  /** Header lines read, repeated headers included. */
  lines: number;
  /** Of these lines, as they came. */
  bytes: number;
  /** How the body's length is told: unknown until the blank line that ends the head. */
  body: 'unknown' | 'ends at NUL' | number;
}

/**
 * Says what follows the blank line.
 * @param version undefined before CONNECTED
 * @throws {Refusal} malformed_frame, frame_too_large
 */
export function endHead(
  head: IncompleteFrame,
  version: Version | undefined,
  { bodyBytes }: Pick<Limits, 'bodyBytes'>,
): void {
  const is10 = version === '1.0' || (version === undefined && connectsAs10(head));
  if (is10 && version === undefined) trimValues(head.headers);

  const length = countOf(head.headers);
  // Refused by its count alone: nothing of it need come.
  if (length !== undefined && length > bodyBytes) throw refusals.bodyTooLarge(bodyBytes);

  // STOMP 1.2, Body: "Only the SEND, MESSAGE, and ERROR frames MAY have a body." 1.0 has no such rule.
  if (is10 || mayHaveBody(head.command)) {
    head.body = length ?? 'ends at NUL';
  } else {
    if (length !== undefined && length > 0) throw refusals.bodyNotAllowed(head.command);
    head.body = 0;
  }
}

// STOMP 1.2, Protocol Negotiation: "If the accept-version header is missing, it means that the client only supports
// version 1.0 of the protocol." So that this frame is one of 1.0 too.
function connectsAs10({ command, headers }: IncompleteFrame): boolean {
  return (command === 'CONNECT' || command === 'STOMP') && !headers.has('accept-version');
}

function trimValues(headers: Map<string, string>): void {
  for (const [name, value] of headers) headers.set(name, trimmed(value));
}

// STOMP 1.2, Header content-length: "an octet count for the length of the message body".
function countOf(headers: ReadonlyMap<string, string>): number | undefined {
  const count = headers.get('content-length');
  if (count === undefined) return undefined;
  const length = wholeNumberOf(count);
  if (length === undefined) throw refusals.notACount();
  return length;
}
