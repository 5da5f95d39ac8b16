import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Door, Headers } from './target.js';

const OPENING_MS = 15_000;

/** A message of the server: the bytes between `start` and `end`, which are gone after the call. */
export type OnMessage = (bytes: Buffer, start: number, end: number) => void;

/**
 * A STOMP client over WebSocket that does no more than a load needs, since it shares the machine with what it measures:
 * it finds the messages in the stream and hands them on without a copy. Frames go out masked with the key 0.
 */
export class StompSocket {
  onMessage: OnMessage = () => undefined;
  onClose: (reason: string) => void = () => undefined;
  #reason = 'The server closed the connection without a word';
  #rest: Buffer | undefined;

  private constructor(private readonly socket: Socket) {}

  /** Resolves when CONNECTED is there. */
  static async open({ url, credentials }: Door): Promise<StompSocket> {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    // Silence is how a server says that it has no descriptors left.
    socket.setTimeout(OPENING_MS, () => socket.destroy(new Error('No answer to the handshake')));
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Protocol: v12.stomp\r\n\r\n',
    );
    const client = new StompSocket(socket);
    await client.#upgraded();
    const connected = client.#firstMessage();
    client.send(
      frame('CONNECT', { 'accept-version': '1.2,1.1', host: '/', 'heart-beat': '0,0', ...credentials }),
    );
    const answer = await connected;
    socket.setTimeout(0);
    if (!answer.startsWith('CONNECTED')) throw new Error(`CONNECT was answered ${answer}`);
    return client;
  }

  send(stompFrame: Buffer): void {
    this.#write(0x1, stompFrame);
  }

  /** What is sent in `work` leaves in one write. */
  together(work: () => void): void {
    this.socket.cork();
    work();
    this.socket.uncork();
  }

  #upgraded(): Promise<void> {
    return new Promise((resolve, reject) => {
      let head = Buffer.alloc(0);
      const take = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        this.socket.off('data', take);
        if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
          reject(new Error(`The upgrade was answered ${head.toString('latin1', 0, 200)}`));
          return;
        }
        this.socket.on('data', (bytes) => this.#read(bytes));
        this.#read(head.subarray(end + 4));
        resolve();
      };
      this.socket.on('data', take);
      this.socket.on('error', reject);
      this.socket.on('close', () => {
        reject(new Error(this.#reason));
        this.onClose(this.#reason);
      });
    });
  }

  #firstMessage(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.onClose = (reason) => reject(new Error(`${reason}, before CONNECTED`));
      this.onMessage = (bytes, start, end) => {
        this.onClose = () => undefined;
        resolve(bytes.toString('utf8', start, end));
      };
    });
  }

  /** RFC 6455, 5.2: from a server unmasked, and none of the peers cuts messages into several frames. */
  #read(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= 2) {
      let start = at + 2;
      let length = (bytes[at + 1] ?? 0) & 0x7f;
      if (length === 126) {
        if (bytes.length < start + 2) break;
        length = bytes.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (bytes.length < start + 8) break;
        length = Number(bytes.readBigUInt64BE(start));
        start += 8;
      }
      if (bytes.length < start + length) break;
      this.#take((bytes[at] ?? 0) & 0x0f, bytes, start, start + length);
      at = start + length;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  #take(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode <= 0x2) this.onMessage(bytes, start, end);
    else if (opcode === 0x9) this.#write(0xa, bytes.subarray(start, end));
    else if (opcode === 0x8) this.#closed(bytes.subarray(start, end));
  }

  /** RFC 6455, 5.5.1: a code, then why. */
  #closed(payload: Buffer): void {
    const code = payload.length < 2 ? 'no code' : payload.readUInt16BE(0);
    this.#reason = `The server closed the connection with ${code} ${payload.toString('utf8', 2)}`;
    this.socket.end();
  }

  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const message = Buffer.alloc(2 + extended + 4 + length);
    message[0] = 0x80 | opcode;
    message[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) message.writeUInt16BE(length, 2);
    if (extended === 8) message.writeBigUInt64BE(BigInt(length), 2);
    payload.copy(message, 2 + extended + 4);
    this.socket.write(message);
  }
}

/** A client's frame. Values go as they are: the load sends none that has to be escaped. */
export function frame(command: string, headers: Headers, body = ''): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return Buffer.from(`${command}\n${lines.join('')}\n${body}\0`);
}

/** STOMP frames in a message; each ends with its only NUL, as long as no body holds one. */
export function framesIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    at = bytes.indexOf(0, at);
    if (at === -1 || at >= end) break;
    count += 1;
  }
  return count;
}
