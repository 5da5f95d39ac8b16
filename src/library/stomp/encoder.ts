import { Buffer } from 'node:buffer';
import { escape } from './header.js';
import { hasEscapes } from './frame.js';
import type { Version } from './version.js';

/** A frame that isn't written yet. */
export interface OutgoingFrame {
  readonly command: string;
  /** Plain text, as `Frame#headers`. `content-length` among them is dropped: it is counted here. */
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** On SEND, MESSAGE and ERROR only. */
  readonly body?: Uint8Array;
}

/**
 * Writes a frame so that a reader of that version gets what was meant. A header that can't be said in its version
 * is left out; none is ever taken for two headers, or for another.
 */
export function encode({ command, headers, body }: OutgoingFrame, version: Version): Buffer {
  return encodeLines(command, linesOf(headers, hasEscapes(command) ? writers[version] : unescapedLine), body);
}

/** Header lines as `encode` writes them in a MESSAGE, for `encodeLines`: what many have in common is written once. */
export function headerLines(headers: OutgoingFrame['headers'], version: Version): string {
  return linesOf(headers, writers[version]);
}

/** @param lines each with its line end; the caller answers for them */
export function encodeLines(command: string, lines: string, body: Uint8Array = NO_BODY): Buffer {
  // STOMP 1.2, Header content-length: it SHOULD be there with a body, and MUST where the body has a NUL.
  const length = body.length > 0 ? `content-length:${body.length}\n` : '';
  const head = `${command}\n${lines}${length}\n`;

  // One allocation, one copy of the body.
  const headBytes = Buffer.byteLength(head);
  const frame = Buffer.allocUnsafe(headBytes + body.length + 1);
  frame.write(head);
  frame.set(body, headBytes);
  frame[frame.length - 1] = 0;
  return frame;
}

function linesOf(headers: OutgoingFrame['headers'], writeHeader: HeaderWriter): string {
  let lines = '';
  for (const [name, value] of headers) {
    // A NUL where a line starts would be read as the end of the frame.
    if (name !== 'content-length' && !name.startsWith('\0')) lines += writeHeader(name, value);
  }
  return lines;
}

const NO_BODY = new Uint8Array();

type HeaderWriter = (name: string, value: string) => string;

const writers: Readonly<Record<Version, HeaderWriter>> = {
  '1.0': (name, value) => {
    // 1.0 has no escapes, and a value has at least one octet: what can't be said so is left out.
    if (name === '' || value === '' || /[\n:]/.test(name) || value.includes('\n')) return '';
    return `${name}:${value}\n`;
  },
  '1.1': (name, value) => escapedLine(name, value, '1.1'),
  '1.2': (name, value) => escapedLine(name, value, '1.2'),
};

function escapedLine(name: string, value: string, version: Version): string {
  // Augmented BNF: a header's name has at least one octet.
  return name === '' ? '' : `${escape(name, version)}:${escape(value, version)}\n`;
}

// STOMP 1.2, Value Encoding: CONNECT and CONNECTED are not escaped, for 1.0's sake. A CR is left out too, since
// some readers take it for a part of the line end.
function unescapedLine(name: string, value: string): string {
  if (name === '' || /[\r\n:]/.test(name) || /[\r\n]/.test(value)) return '';
  return `${name}:${value}\n`;
}
