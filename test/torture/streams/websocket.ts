import { WebSocket } from 'ws';
import { stompOver, type OpenPipe } from './stomp.js';

/** STOMP on a plain WebSocket, its frames cut over several messages. */
export const openWebSocket: OpenPipe = (port, random, listener) => {
  const path = random.pick(['/stomp', '/ws', '/ws/websocket']);
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['v12.stomp']);
  socket.on('open', () => listener.opened());
  socket.on('message', (octets: Buffer) => listener.received(octets));
  socket.on('error', () => undefined);
  socket.on('close', () => listener.closed());
  return {
    send(octets) {
      if (socket.readyState !== WebSocket.OPEN) return;
      const cut = random.between(0, octets.length);
      if (cut > 0) socket.send(octets.subarray(0, cut), { binary: true });
      if (cut < octets.length) socket.send(octets.subarray(cut), { binary: true });
    },
    close: () => socket.terminate(),
  };
};

export const webSocket = stompOver(openWebSocket);
