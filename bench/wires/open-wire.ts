import type { Door } from '../target.js';
import { SockJsSocket } from './sockjs-socket.js';
import { STOMP, WebSocketWire } from './web-socket.js';
import type { Wire } from './wire.js';

export function openWire({ transport, url }: Pick<Door, 'transport' | 'url'>): Promise<Wire> {
  switch (transport) {
    case 'websocket':
      return WebSocketWire.open(url, STOMP);
    case 'sockjs-websocket':
      return SockJsSocket.open(url);
    case 'event-stream':
    case 'json':
    case 'socket.io':
      throw new Error(`${transport} carries no frames`);
  }
}
