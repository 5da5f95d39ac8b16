import type { Door } from './target.js';
import { WebSocketWire } from './wires/web-socket.js';
import type { OnMessage } from './wires/wire.js';

/** Of Engine.IO, then of Socket.IO (their protocols, Packet encoding). */
const PING = '2'.charCodeAt(0);
const PONG = Buffer.from('3');
const CONNECTED = '40';

/** A client of Socket.IO on a WebSocket that does no more than a load needs: it hands packets on as they come. */
export class SocketIoSocket {
  onPacket: OnMessage = () => undefined;
  /** Pings of the server. */
  pings = 0;

  private constructor(private readonly wire: WebSocketWire) {
    wire.onMessage = (bytes, start, end) => {
      if (end - start === 1 && bytes[start] === PING) {
        this.pings += 1;
        wire.send(PONG);
      } else this.onPacket(bytes, start, end);
    };
  }

  /** Resolves when the server has let it in. @param i whose credentials */
  static async open({ url, credentials }: Door, i = 0): Promise<SocketIoSocket> {
    const headers = credentials[i % credentials.length] ?? {};
    const wire = await WebSocketWire.open(`${url}?EIO=4&transport=websocket`, headers);
    const socket = new SocketIoSocket(wire);
    wire.send(Buffer.from(CONNECTED));
    await new Promise<void>((resolve, reject) => {
      wire.onClose = (reason) => reject(new Error(`${reason}, before CONNECT was answered`));
      socket.onPacket = (bytes, start, end) => {
        const packet = bytes.toString('utf8', start, end);
        if (packet.startsWith('0')) return;
        if (packet.startsWith(CONNECTED)) resolve();
        else reject(new Error(`CONNECT was answered ${packet}`));
      };
    });
    return socket;
  }

  set onClose(callback: (reason: string) => void) {
    this.wire.onClose = callback;
  }

  emit(event: string, value: unknown): void {
    this.wire.send(Buffer.from(`42${JSON.stringify([event, value])}`));
  }
}
