import { startNodeServer } from '../node-server.js';
import type { Peer } from '../target.js';

/** The stock server of Socket.IO with its in-memory adapter. */
export const socketIo: Peer = {
  name: 'socket.io',
  async start() {
    const server = await startNodeServer('peers/socket-io-server.js');
    return {
      name: 'socket.io',
      door: { transport: 'socket.io', url: `${server.url}/socket.io/`, credentials: [{}] },
      queueHeaders: {},
      read: () => server.read(),
      watchLoop: (everyMs) => server.watchLoop(everyMs),
      collectGarbage: () => server.collectGarbage(),
      stop: () => server.stop(),
    };
  },
};
