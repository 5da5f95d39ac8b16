import { connect, type Socket } from 'node:net';
import { frame } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { quiet } from './quiet.js';
import { maskedFrame, upgradeRequest } from '../wires/web-socket.js';

const BYTES_AT_ONCE = 1_024;
const EVERY_MS = 1_000;
const QUIET_MS = 500;

/** A subscriber over WebSocket who takes 1 KiB from his socket in a second, and leaves the rest to the kernel and the server. */
export class SlowReader {
  bytesRead = 0;
  isOpen = true;
  #isSlow = true;
  #socket: Socket | undefined;

  private constructor() {}

  /** Resolves when he is subscribed and slow. */
  static open({ url, credentials }: Door, destination: string): Promise<SlowReader> {
    const { hostname, port } = new URL(url);
    const reader = new SlowReader();
    return new Promise((resolve) => {
      let opening = '';
      const buffer = Buffer.alloc(BYTES_AT_ONCE);
      const take = (bytes: number): boolean => {
        reader.bytesRead += bytes;
        if (opening.includes('MESSAGE\n')) return !reader.#isSlow;
        // All that comes before the first message is taken as it comes.
        opening += buffer.toString('latin1', 0, bytes);
        if (opening.includes('MESSAGE\n')) resolve(reader);
        return true;
      };
      const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback: take } });
      reader.#socket = socket;
      const slowly = setInterval(() => socket.resume(), EVERY_MS);
      socket.on('close', () => {
        reader.isOpen = false;
        clearInterval(slowly);
      });
      // To be closed is what may come of it.
      socket.on('error', () => undefined);
      socket.write(upgradeRequest(url));
      const connecting = { 'accept-version': '1.2,1.1', host: '/', 'heart-beat': '0,0', ...credentials[0] };
      socket.write(maskedFrame(0x1, frame('CONNECT', connecting)));
      socket.write(maskedFrame(0x1, frame('SUBSCRIBE', { id: '0', destination, ack: 'auto' })));
    });
  }

  /** Reads all that is left: only behind it can be seen that the server has closed. */
  async catchUp(): Promise<void> {
    this.#isSlow = false;
    this.#socket?.resume();
    await quiet(() => this.bytesRead, QUIET_MS);
  }
}
