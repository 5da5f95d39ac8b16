import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Transport } from '../transport.js';
import { socketTransport } from './sockets.js';

/** Sends octets as WebSocket messages. */
type Write = (octets: Uint8Array, send: (message: Uint8Array, isBinary: boolean) => void) => void;

/** Text where the octets are UTF-8, as stock clients send. */
export const webSocketText = webSocketTransport('WebSocket, text', (octets, send) =>
  send(octets, !isUtf8(octets)),
);

export const webSocketBinary = webSocketTransport('WebSocket, binary', (octets, send) => send(octets, true));

/** A frame over several messages, cut where it hurts: in its command, and before its last octet. */
export const webSocketCut = webSocketTransport('WebSocket, frames cut', (octets, send) => {
  const cuts = [0, Math.min(2, octets.length), Math.max(2, octets.length - 1), octets.length];
  for (const [i, start] of cuts.entries()) {
    const piece = octets.subarray(start, cuts[i + 1]);
    if (piece.length > 0) send(piece, true);
  }
});

/** Several frames in one message: all that is said in one turn of the event loop. */
export const webSocketJoined = webSocketTransport('WebSocket, frames joined', joiner());

function webSocketTransport(name: string, write: Write): Transport {
  const lacks = { 'text-only': 'WebSocket carries any octets' };
  return socketTransport(name, lacks, async (node, listener) => {
    const socket = new WebSocket(node.url('/stomp', 'ws'), ['v12.stomp', 'v11.stomp', 'v10.stomp']);
    socket.on('message', (message: Buffer) => listener.received(message));
    socket.on('close', (code) => listener.closed(code));
    socket.on('error', () => undefined);
    await once(socket, 'open');
    const send = (message: Uint8Array, isBinary: boolean): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message, { binary: isBinary });
    };
    return { send: (octets) => write(octets, send), cut: () => socket.terminate() };
  });
}

function joiner(): Write {
  const waiting = new Map<unknown, Uint8Array[]>();
  return (octets, send) => {
    const joined = waiting.get(send);
    if (joined) return void joined.push(octets);
    const pieces = [octets];
    waiting.set(send, pieces);
    setImmediate(() => {
      waiting.delete(send);
      send(Buffer.concat(pieces), true);
    });
  };
}
