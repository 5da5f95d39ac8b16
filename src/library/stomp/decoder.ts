import { Buffer, isUtf8 } from 'node:buffer';
import type { Limits } from '../limits.js';
import { isCommand, mayHaveBody, type Frame } from './frame.js';
import { parseHeader, trimmed, wholeNumberOf } from './header.js';
import { refusals } from './refusals.js';
import { Unread } from './unread.js';
import type { Version } from './version.js';

/**
 * Bytes in, frames out, however the bytes were cut. It is pulled: a CONNECT and what follows it may come in one
 * chunk, and how the second frame is read depends on the version that the first is answered with.
 *
 * Nothing but Refusal is thrown. After one there is no telling where a frame starts, so that all further
 * bytes are thrown away.
 */
export class Decoder {
  /** What CONNECT was answered with. Until it is set, frames are read as CONNECT is: either line end, no escapes. */
  version: Version | undefined;

  readonly #limits: FrameLimits;
  readonly #unread = new Unread();
  #head: IncompleteFrame | undefined;
  #isBroken = false;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Bytes that were pushed and not read yet. */
  get bufferedBytes(): number {
    return this.#unread.length;
  }

  /** The same, and what was read of the frame that hasn't ended. */
  get begunBytes(): number {
    return this.#unread.length + (this.#head?.bytes ?? 0);
  }

  /** As much memory as they take: what was read is text now, of at least two bytes a character. */
  get heldBytes(): number {
    return this.#unread.length + 2 * (this.#head?.bytes ?? 0);
  }

  /** The frame that `next` threw at, as far as it was read: an ERROR may name it, and its receipt. */
  get refused(): Pick<Frame, 'command' | 'headers'> | undefined {
    return this.#isBroken ? this.#head : undefined;
  }

  /** @param chunk kept by reference until it is read: its sender must not write to it any more */
  push(chunk: Uint8Array): void {
    if (!this.#isBroken) this.#unread.push(chunk);
  }

  /**
   * Decodes one frame by the present `version`; line ends before it, which are heart-beats, are skipped.
   * @returns undefined when more bytes are needed
   * @throws {Refusal} malformed_frame, unknown_command, frame_too_large; `refused` is then what was read of the frame
   */
  next(): Frame | undefined {
    if (this.#isBroken) return undefined;
    try {
      const frame = this.#readFrame();
      if (frame === undefined) this.#unread.release();
      return frame;
    } catch (error) {
      this.#isBroken = true;
      this.#unread.clear();
      throw error;
    }
  }

  #readFrame(): Frame | undefined {
    this.#head ??= this.#readCommand();
    if (this.#head === undefined || !this.#readHeaders(this.#head)) return undefined;

    const body = this.#readBody(this.#head);
    if (body === undefined) return undefined;

    const { command, headers } = this.#head;
    this.#head = undefined;
    return { command, headers, body };
  }

  /** Refuses at the first octet that no command has: a peer that talks HTTP is told at once. */
  #readCommand(): IncompleteFrame | undefined {
    this.#skipLineEnds();

    let end = 0;
    while (end < this.#unread.length && end <= LONGEST_COMMAND && isCapital(this.#unread.at(end))) end++;
    if (end > LONGEST_COMMAND) throw refusals.unknownCommand(`${this.#unread.text(LONGEST_COMMAND)}…`);
    if (end === this.#unread.length) return undefined;

    const lineEnd = this.#lineEndAt(end);
    if (lineEnd === undefined) return undefined;
    const command = this.#unread.text(end);
    if (lineEnd === 0) {
      const byte = this.#unread.at(end);
      if (!isPrintable(byte)) throw refusals.noCommand(byte);
      throw refusals.unknownCommand(`${command}${String.fromCharCode(byte)}…`);
    }
    this.#unread.skip(end + lineEnd);
    return { command, headers: new Map(), lines: 0, bytes: 0, body: 'unknown' };
  }

  // STOMP 1.2, Augmented BNF: a frame ends in NULL *( EOL ). These are also the heart-beats.
  #skipLineEnds(): void {
    this.#unread.skip(this.#unread.lineEnds(this.#endsLinesWithCr));
  }

  /** The length of the line end that stands there: 0 for none, undefined where only one more byte can tell. */
  #lineEndAt(index: number): number | undefined {
    const byte = this.#unread.at(index);
    if (byte === LF) return 1;
    if (byte !== CR || !this.#endsLinesWithCr) return 0;
    if (index + 1 === this.#unread.length) return undefined;
    return this.#unread.at(index + 1) === LF ? 2 : 0;
  }

  // STOMP 1.2, Augmented BNF: EOL = [CR] LF. In 1.0 and 1.1 it is LF, and CR is data.
  get #endsLinesWithCr(): boolean {
    return this.version === undefined || this.version === '1.2';
  }

  /** @returns whether the head is complete */
  #readHeaders(head: IncompleteFrame): boolean {
    while (head.body === 'unknown') {
      const line = this.#readLine(head);
      if (line === undefined) return false;
      if (line === '') this.#endHead(head);
      else this.#addHeader(head, line);
    }
    return true;
  }

  #readLine(head: IncompleteFrame): string | undefined {
    // A NUL is an octet that the grammar allows in a name. But where a line starts, it ends a frame whose blank line
    // was forgotten, and waiting for a line end would be waiting for ever.
    if (this.#unread.length > 0 && this.#unread.at(0) === NUL) throw refusals.noBlankLine();

    const index = this.#unread.indexOf(LF);
    const { headerLineBytes } = this.#limits;
    if (index === -1) {
      // One more than allowed may still be the CR of the line end.
      if (this.#unread.length > headerLineBytes + 1) throw refusals.headerTooLong(headerLineBytes);
      return undefined;
    }

    const hasCr = index > 0 && this.#endsLinesWithCr && this.#unread.at(index - 1) === CR;
    const end = hasCr ? index - 1 : index;
    if (end > headerLineBytes) throw refusals.headerTooLong(headerLineBytes);

    const line = this.#unread.text(end);
    // STOMP 1.2, Value Encoding: "The commands and headers are encoded in UTF-8."
    // U+FFFD stands where the bytes were not, or where their sender wrote it.
    if (line.includes('\uFFFD') && !isUtf8(this.#unread.view(end))) throw refusals.headerNotUtf8();
    this.#unread.skip(index + 1);
    head.bytes += end;
    return line;
  }

  #addHeader(head: IncompleteFrame, line: string): void {
    // STOMP 1.2, Size Limits: "the number of frame headers allowed in a single frame". Repeated ones count.
    head.lines++;
    if (head.lines > this.#limits.headers) throw refusals.tooManyHeaders(this.#limits.headers);

    const { name, value } = parseHeader(line, head.command, this.version);
    // STOMP 1.2, Repeated Header Entries: the first one wins.
    if (!head.headers.has(name)) head.headers.set(name, value);
  }

  /** Here, and not at the command line, unknown commands are refused: the answer may name the frame's receipt. */
  #endHead(head: IncompleteFrame): void {
    if (!isCommand(head.command)) throw refusals.unknownCommand(head.command);
    head.body = bodyOf(head, this.version, this.#limits);
  }

  #readBody(head: IncompleteFrame): Uint8Array | undefined {
    const length = typeof head.body === 'number' ? head.body : this.#findNul();
    if (length === undefined || length >= this.#unread.length) return undefined;

    if (this.#unread.at(length) !== NUL) {
      if (length === 0 && !mayHaveBody(head.command)) throw refusals.bodyNotAllowed(head.command);
      // STOMP 1.2, Header content-length: the NUL follows what was counted.
      throw refusals.noNul(length);
    }
    // A copy: a view of twenty bytes that waits in a queue would hold the whole chunk that it came in.
    const body = length === 0 ? NO_BODY : Buffer.from(this.#unread.view(length));
    this.#unread.skip(length + 1);
    return body;
  }

  /** A body that isn't counted ends at the first NUL. */
  #findNul(): number | undefined {
    const index = this.#unread.indexOf(NUL);
    const { bodyBytes } = this.#limits;
    if ((index === -1 ? this.#unread.length : index) > bodyBytes) throw refusals.bodyTooLarge(bodyBytes);
    return index === -1 ? undefined : index;
  }
}

/** What bounds a frame: STOMP 1.2, Size Limits. */
export type FrameLimits = Pick<Limits, 'bodyBytes' | 'headers' | 'headerLineBytes'>;

/** What is known of a frame before its body. */
interface IncompleteFrame {
  readonly command: string;
  readonly headers: Map<string, string>;
  /** Header lines read, repeated headers included. */
  lines: number;
  /** Of these lines, as they came. */
  bytes: number;
  /** How the body's length is told: unknown until the blank line that ends the head. */
  body: 'unknown' | BodyLength;
}

type BodyLength = 'ends at NUL' | number;

/**
 * What follows the blank line.
 * @param version undefined before CONNECTED
 * @throws {Refusal} malformed_frame, frame_too_large
 */
function bodyOf(
  head: IncompleteFrame,
  version: Version | undefined,
  { bodyBytes }: Pick<Limits, 'bodyBytes'>,
): BodyLength {
  const is10 = version === '1.0' || (version === undefined && connectsAs10(head));
  if (is10 && version === undefined) trimValues(head.headers);

  const length = countOf(head.headers);
  // Refused by its count alone: nothing of it need come.
  if (length !== undefined && length > bodyBytes) throw refusals.bodyTooLarge(bodyBytes);

  // STOMP 1.2, Body: "Only the SEND, MESSAGE, and ERROR frames MAY have a body." 1.0 has no such rule.
  if (is10 || mayHaveBody(head.command)) return length ?? 'ends at NUL';
  if (length !== undefined && length > 0) throw refusals.bodyNotAllowed(head.command);
  return 0;
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

const LF = 10;
const CR = 13;
const NUL = 0;
const LONGEST_COMMAND = 'UNSUBSCRIBE'.length;
const NO_BODY = Buffer.alloc(0);

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

function isPrintable(byte: number): boolean {
  return byte >= 32 && byte < 127;
}
