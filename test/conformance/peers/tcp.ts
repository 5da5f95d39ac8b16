import { once } from 'node:events';
import { connect } from 'node:net';
import type { TransportNode } from '../../transport-node.js';
import { socketTransport } from './sockets.js';

const ports = new WeakMap<TransportNode, Promise<number>>();

/** STOMP on TCP, as Python, Ruby and nc speak it. */
export const tcp = socketTransport(
  'TCP',
  { 'text-only': 'TCP carries any octets' },
  async (node, listener) => {
    const port = ports.get(node) ?? node.transports.listenTcp(0, '127.0.0.1').then((address) => address.port);
    ports.set(node, port);
    const socket = connect(await port, '127.0.0.1');
    socket.on('data', (octets) => listener.received(octets));
    socket.on('close', () => listener.closed(undefined));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return { send: (octets) => void socket.write(octets), cut: () => void socket.destroy() };
  },
);
