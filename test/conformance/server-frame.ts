import assert from 'node:assert/strict';
import type { Version } from '../../src/library/stomp/version.js';

/** A frame that the server sent, as its client reads it. */
export interface ServerFrame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Header lines as they stood on the wire, escapes and all. */
  readonly lines: readonly string[];
  readonly body: Buffer;
}

/**
 * Reads what a server sends, by the letter: it shares nothing with the decoder under test, and throws at whatever
 * the grammar of its version doesn't allow. So every clause is a test of the server's grammar too.
 */
export class ServerFrameReader {
  /** What CONNECTED said. Before it, headers are read unescaped, as 1.0's are. */
  version: Version = '1.0';
  /** Line ends between frames. */
  beats = 0;
  #unread = Buffer.alloc(0);

  /** @returns the frames that are complete now */
  push(bytes: Uint8Array): ServerFrame[] {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    const frames = [];
    for (let frame = this.#next(); frame; frame = this.#next()) {
      if (frame.command === 'CONNECTED') this.version = (frame.headers.get('version') ?? '1.0') as Version;
      frames.push(frame);
    }
    return frames;
  }

  /** Bytes of a frame that isn't complete. */
  get isInsideFrame(): boolean {
    return this.#unread.length > 0;
  }

  #next(): ServerFrame | undefined {
    while (this.#unread[0] === LF) {
      this.#unread = this.#unread.subarray(1);
      this.beats++;
    }
    const headEnd = this.#unread.indexOf('\n\n');
    if (headEnd === -1) return undefined;

    // Augmented BNF: our line ends are LF alone, which readers of all versions take.
    const [command = '', ...lines] = this.#unread.subarray(0, headEnd).toString().split('\n');
    assert.match(command, /^(CONNECTED|MESSAGE|RECEIPT|ERROR)$/);
    const headers = this.#headersOf(command, lines);

    const bodyStart = headEnd + 2;
    const length = headers.get('content-length');
    const bodyEnd =
      length === undefined ? this.#unread.indexOf(NUL, bodyStart) : bodyStart + Number.parseInt(length);
    if (bodyEnd < bodyStart || bodyEnd >= this.#unread.length) return undefined;
    assert.equal(this.#unread[bodyEnd], NUL, 'a NUL ends the frame');
    const body = Buffer.from(this.#unread.subarray(bodyStart, bodyEnd));
    if (command === 'CONNECTED' || command === 'RECEIPT')
      assert.equal(body.length, 0, `${command} has no body`);

    this.#unread = this.#unread.subarray(bodyEnd + 1);
    return { command, headers, lines, body };
  }

  #headersOf(command: string, lines: readonly string[]): Map<string, string> {
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(line) ?? assert.fail(`a header line: ${line}`);
      const isEscaped = command !== 'CONNECTED' && this.version !== '1.0';
      if (this.version === '1.0')
        assert.notEqual(value, '', `a header value of STOMP 1.0 has an octet: ${JSON.stringify(lines)}`);
      else if (isEscaped) assert.doesNotMatch(value, /:/, 'a colon is escaped');
      if (this.version === '1.2') assert.doesNotMatch(line, /\r/, 'a CR is escaped');
      const read = isEscaped ? (text: string) => unescaped(text, this.version) : (text: string) => text;
      assert.ok(!headers.has(read(name)), `the header ${name} stands once`);
      headers.set(read(name), read(value));
    }
    return headers;
  }
}

const LF = 0x0a;
const NUL = 0x00;

/** STOMP 1.2, Value Encoding. */
function unescaped(text: string, version: Version): string {
  return text.replaceAll(/\\(.?)/gs, (sequence) => {
    const octet = { '\\n': '\n', '\\c': ':', '\\\\': '\\', ...(version === '1.2' && { '\\r': '\r' }) }[
      sequence
    ];
    return octet ?? assert.fail(`${sequence} is no escape of ${version}`);
  });
}
