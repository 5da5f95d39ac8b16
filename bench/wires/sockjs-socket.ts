import { randomUUID } from 'node:crypto';
import { STOMP, WebSocketWire } from './web-socket.js';
import type { OnMessage, Wire } from './wire.js';

/** SockJS over its WebSocket transport. */
export class SockJsSocket implements Wire {
  onMessage: OnMessage = () => undefined;
  onClose: (reason: string) => void = () => undefined;

  private constructor(private readonly socket: WebSocketWire) {
    socket.onMessage = (bytes, start, end) => {
      const message = bytes.toString('utf8', start, end);
      // SockJS protocol: `a["…"]` holds frames; `o`, `h` and `c` hold none.
      if (!message.startsWith('a')) return;
      const text = Buffer.from((JSON.parse(message.slice(1)) as string[]).join(''));
      this.onMessage(text, 0, text.length);
    };
    socket.onClose = (reason) => this.onClose(reason);
  }

  /** @param url of the SockJS endpoint */
  static async open(url: string): Promise<SockJsSocket> {
    return new SockJsSocket(await WebSocketWire.open(`${url}/000/${randomUUID()}/websocket`, STOMP));
  }

  send(text: Buffer): void {
    this.socket.send(Buffer.from(JSON.stringify([text.toString()])));
  }

  together(work: () => void): void {
    this.socket.together(work);
  }
}
