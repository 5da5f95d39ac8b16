import { Buffer, isUtf8 } from 'node:buffer';
import { StompError } from '../errors.js';
import type { Limits } from '../limits.js';
import { hasEscapes, isCommand, mayHaveBody, type Frame } from './frame.js';
import { parseHeader, trimmed } from './header.js';
import { Unread } from './unread.js';
import type { Version } from './version.js';

/**
 * Bytes in, frames out, however the bytes were cut. It is pulled: a CONNECT and what follows it may come in one
 * chunk, and how the second frame is read depends on the version that the first is answered with.
 *
 * Nothing but StompError is thrown. After one there is no telling where a frame starts, so that all further
 * bytes are thrown away.
 */
export class Decoder {
  /** What CONNECT was answered with. Until it is set, frames are read as CONNECT is: either line end, no escapes. */
  version: Version | undefined;

  readonly #limits: Pick<Limits, 'bodyBytes' | 'headers' | 'headerLineBytes'>;
  readonly #unread = new Unread();
  #head: Head | undefined;
  #isBroken = false;

  constructor(limits: Pick<Limits, 'bodyBytes' | 'headers' | 'headerLineBytes'>) {
    this.#limits = limits;
  }

  /** Bytes that were pushed and not read yet. */
  get bufferedBytes(): number {
    return this.#unread.length;
  }

  /** @param chunk kept by reference until it is read: its sender must not write to it any more */
  push(chunk: Uint8Array): void {
    if (!this.#isBroken) this.#unread.push(chunk);
  }

  /**
   * Decodes one frame by the present `version`; line ends before it, which are heart-beats, are skipped.
   * @returns undefined when more bytes are needed
   * @throws {StompError} malformed_frame, unknown_command, frame_too_large; with `receipt-id` where it is known
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
      throw withReceiptId(error, this.#head);
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

  /** Refuses at the first octet that no command has: whoever talks HTTP to us is told at once. */
  #readCommand(): Head | undefined {
    this.#skipLineEnds();

    let end = 0;
    while (end < this.#unread.length && end <= LONGEST_COMMAND && isCapital(this.#unread.at(end))) end++;
    if (end > LONGEST_COMMAND) throw unknownCommand(`${this.#unread.text(LONGEST_COMMAND)}…`);
    if (end === this.#unread.length) return undefined;

    const lineEnd = this.#lineEndAt(end);
    if (lineEnd === undefined) return undefined;
    if (lineEnd === 0) throw notACommand(this.#unread.text(end), this.#unread.at(end));

    const command = this.#unread.text(end);
    this.#unread.skip(end + lineEnd);
    return { command, headers: new Map(), lines: 0, isComplete: false, bodyLength: undefined };
  }

  // STOMP 1.2, Augmented BNF: a frame ends in NULL *( EOL ). These are also the heart-beats.
  #skipLineEnds(): void {
    while (this.#unread.length > 0) {
      const lineEnd = this.#lineEndAt(0);
      if (lineEnd === undefined || lineEnd === 0) return;
      this.#unread.skip(lineEnd);
    }
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
  #readHeaders(head: Head): boolean {
    const isEscaped = hasEscapes(head.command);
    while (!head.isComplete) {
      const line = this.#readLine();
      if (line === undefined) return false;

      if (line === '') {
        this.#endHead(head);
      } else {
        // STOMP 1.2, Size Limits: "the number of frame headers allowed in a single frame". Repeated ones count.
        head.lines++;
        if (head.lines > this.#limits.headers) {
          throw tooLarge(`A frame may have ${this.#limits.headers} headers at most.`);
        }
        const { name, value } = parseHeader(line, this.version, isEscaped);
        // STOMP 1.2, Repeated Header Entries: the first one wins.
        if (!head.headers.has(name)) head.headers.set(name, value);
      }
    }
    return true;
  }

  #readLine(): string | undefined {
    const index = this.#unread.indexOf(LF);
    const { headerLineBytes } = this.#limits;
    if (index === -1) {
      // One more than allowed may still be the CR of the line end.
      if (this.#unread.length > headerLineBytes + 1) throw lineTooLong(headerLineBytes);
      return undefined;
    }

    const hasCr = index > 0 && this.#endsLinesWithCr && this.#unread.at(index - 1) === CR;
    const end = hasCr ? index - 1 : index;
    if (end > headerLineBytes) throw lineTooLong(headerLineBytes);

    const line = this.#unread.text(end);
    // U+FFFD stands where the bytes were not UTF-8, or where its sender wrote it.
    if (line.includes('\uFFFD') && !isUtf8(this.#unread.view(end))) {
      // STOMP 1.2, STOMP Frames: "The commands and headers are encoded in UTF-8."
      throw malformed('A header line is not UTF-8.');
    }
    this.#unread.skip(index + 1);
    return line;
  }

  #endHead(head: Head): void {
    if (!isCommand(head.command)) throw unknownCommand(head.command);

    const isFirst = this.version === undefined && (head.command === 'CONNECT' || head.command === 'STOMP');
    // STOMP 1.2, Protocol Negotiation: who doesn't send accept-version speaks 1.0.
    const is10 = this.version === '1.0' || (isFirst && !head.headers.has('accept-version'));
    if (is10 && isFirst) trimValues(head.headers);

    head.bodyLength = bodyLengthOf(head, this.#limits.bodyBytes);
    // STOMP 1.2, Body: only SEND, MESSAGE and ERROR may have one. 1.0 has no such rule.
    if (!is10 && !mayHaveBody(head.command)) {
      if (head.bodyLength !== undefined && head.bodyLength > 0) throw bodyNotAllowed(head.command);
      head.bodyLength = 0;
    }
    head.isComplete = true;
  }

  #readBody(head: Head): Uint8Array | undefined {
    const length = head.bodyLength ?? this.#findNul();
    if (length === undefined || length >= this.#unread.length) return undefined;

    if (this.#unread.at(length) !== NUL) {
      if (length === 0 && !mayHaveBody(head.command)) throw bodyNotAllowed(head.command);
      // STOMP 1.2, Header content-length: the NUL octet follows what was counted.
      throw malformed(`No NUL follows the ${length} bytes that "content-length" counts.`);
    }
    // A copy: a view of twenty bytes that waits in a queue would hold the whole chunk that it came in.
    const body = length === 0 ? NO_BODY : Buffer.from(this.#unread.view(length));
    this.#unread.skip(length + 1);
    return body;
  }

  /** An uncounted body ends at the first NUL. */
  #findNul(): number | undefined {
    const index = this.#unread.indexOf(NUL);
    const { bodyBytes } = this.#limits;
    if ((index === -1 ? this.#unread.length : index) > bodyBytes) throw bodyTooLarge(bodyBytes);
    return index === -1 ? undefined : index;
  }
}

/** What is known of a frame before its body. */
interface Head {
  readonly command: string;
  readonly headers: Map<string, string>;
  /** Header lines read, repeated headers included. */
  lines: number;
  isComplete: boolean;
  /** Undefined: the body ends at the first NUL. */
  bodyLength: number | undefined;
}

const LF = 10;
const CR = 13;
const NUL = 0;
const LONGEST_COMMAND = 'UNSUBSCRIBE'.length;
const NO_BODY = Buffer.alloc(0);

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

function trimValues(headers: Map<string, string>): void {
  for (const [name, value] of headers) headers.set(name, trimmed(value));
}

// STOMP 1.2, Header content-length: "an octet count for the length of the message body".
function bodyLengthOf({ headers }: Head, bodyBytes: number): number | undefined {
  const header = headers.get('content-length');
  if (header === undefined) return undefined;

  if (!/^\d+$/.test(header)) throw malformed('The header "content-length" must be a number of bytes.');
  const length = Number(header);
  if (length > bodyBytes) throw bodyTooLarge(bodyBytes);
  return length;
}

// STOMP 1.2, ERROR: it SHOULD name the receipt of the frame that it is about.
function withReceiptId(error: unknown, head: Head | undefined): unknown {
  const receipt = head?.headers.get('receipt');
  if (receipt === undefined || !(error instanceof StompError)) return error;
  return new StompError(
    error.code,
    error.message,
    { ...error.headers, 'receipt-id': receipt },
    { cause: error },
  );
}

function malformed(message: string): StompError {
  return new StompError('malformed_frame', message);
}

function tooLarge(message: string): StompError {
  return new StompError('frame_too_large', message);
}

function lineTooLong(bytes: number): StompError {
  return tooLarge(`A header line may have ${bytes} bytes at most.`);
}

function bodyTooLarge(bytes: number): StompError {
  return tooLarge(`A body may have ${bytes} bytes at most.`);
}

function bodyNotAllowed(command: string): StompError {
  return malformed(`${command} must not have a body: only SEND, MESSAGE and ERROR may.`);
}

function unknownCommand(command: string): StompError {
  return new StompError('unknown_command', `${JSON.stringify(command)} is not a command of STOMP.`);
}

function notACommand(capitals: string, next: number): StompError {
  const isPrintable = next >= 32 && next < 127;
  if (isPrintable) return unknownCommand(`${capitals}${String.fromCharCode(next)}…`);
  return malformed(
    `A frame must start with a command; the byte ${next} follows "${capitals}" in its first line.`,
  );
}
