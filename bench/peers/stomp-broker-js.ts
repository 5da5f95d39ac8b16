import { createRequire } from 'node:module';
import { startNodeServer } from '../node-server.js';
import { NotHereError, type Peer } from '../target.js';

/** The other STOMP broker on Node. */
export const stompBrokerJs: Peer = {
  name: 'stomp-broker-js',
  async start() {
    try {
      createRequire(import.meta.url).resolve('stomp-broker-js');
    } catch {
      throw new NotHereError('npm ci brings it');
    }
    const server = await startNodeServer('peers/stomp-broker-js-server.js');
    return {
      name: 'stomp-broker-js',
      door: { transport: 'websocket', url: `${server.url}/stomp`, credentials: [{}] },
      queueHeaders: {},
      read: () => server.read(),
      watchLoop: (everyMs) => server.watchLoop(everyMs),
      collectGarbage: () => server.collectGarbage(),
      stop: () => server.stop(),
    };
  },
};
