import { once } from 'node:events';
import { WebSocket } from 'ws';
import { socketTransport } from './sockets.js';
import { SockJsMessages, lacksOfSockJs, newSession } from './sockjs-messages.js';

/** SockJS's WebSocket transport: STOMP in arrays of JSON strings. */
export const sockJsWebSocket = socketTransport('SockJS websocket', lacksOfSockJs, async (node, listener) => {
  const messages = new SockJsMessages(listener);
  const socket = new WebSocket(node.url(`/ws/000/${newSession()}/websocket`, 'ws'));
  socket.on('message', (message: Buffer) => messages.take(message.toString()));
  socket.on('close', () => messages.ended());
  socket.on('error', () => undefined);
  await Promise.all([once(socket, 'open'), messages.opened]);
  return {
    send: (octets) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify([Buffer.from(octets).toString()]));
    },
    cut: () => socket.terminate(),
  };
});
