import { startNodeServer } from '../node-server.js';
import type { Peer } from '../target.js';

/** The floor: a bare `ws` server that copies what it is sent to all its sockets, and does nothing else. */
export const webSocketFloor: Peer = {
  name: 'ws',
  async start() {
    const server = await startNodeServer('peers/ws-floor-server.js');
    return {
      name: 'ws',
      door: { transport: 'websocket', url: server.url, credentials: [{}] },
      queueHeaders: {},
      read: () => server.read(),
      watchLoop: (everyMs) => server.watchLoop(everyMs),
      collectGarbage: () => server.collectGarbage(),
      stop: () => server.stop(),
    };
  },
};
