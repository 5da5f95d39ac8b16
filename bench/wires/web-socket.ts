import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Headers } from '../target.js';
import type { OnMessage, Wire } from './wire.js';

/** A WebSocket that finds the messages in the stream and hands them on without a copy. Frames go out masked with the key 0. */
export class WebSocketWire implements Wire {
  onMessage: OnMessage = () => undefined;
  onClose: (reason: string) => void = () => undefined;
  #reason = 'The server closed the connection without a word';
  #rest: Buffer | undefined;

  private constructor(private readonly socket: Socket) {}

  /** @param headers of the upgrade */
  static async open(url: string, headers: Headers): Promise<WebSocketWire> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    socket.write(upgradeRequest(url, headers));
    const wire = new WebSocketWire(socket);
    await wire.#upgraded();
    return wire;
  }

  send(text: Buffer): void {
    this.#write(0x1, text);
  }

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
    this.socket.write(maskedFrame(opcode, payload));
  }
}

/** The header of those who speak STOMP. */
export const STOMP: Headers = { 'Sec-WebSocket-Protocol': 'v12.stomp' };

export function upgradeRequest(url: string, headers: Headers = STOMP): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${lines.join('')}\r\n`
  );
}

/** RFC 6455, 5.2: final, and masked with the key 0. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const message = Buffer.alloc(2 + extended + 4 + length);
  message[0] = 0x80 | opcode;
  message[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) message.writeUInt16BE(length, 2);
  if (extended === 8) message.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(message, 2 + extended + 4);
  return message;
}
