import type { Door } from '../target.js';
import { SockJsSocket } from './sockjs-socket.js';
import { WebSocketWire } from './web-socket.js';
import type { Wire } from './wire.js';

export function openWire({ transport, url }: Pick<Door, 'transport' | 'url'>): Promise<Wire> {
  switch (transport) {
    case 'websocket':
      return WebSocketWire.open(url);
    case 'sockjs-websocket':
      return SockJsSocket.open(url);
    case 'event-stream':
      throw new Error('An event stream carries no frames');
  }
}
