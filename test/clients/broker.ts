import { Server } from '../conformance/server.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { TransportNode } from '../transport-node.js';

/** A broker on real sockets, for clients that somebody else wrote. Everybody may do everything. */
export interface RunningBroker {
  readonly webSocketUrl: string;
  readonly sockJsUrl: string;
  readonly tcpPort: number;
  readonly server: Server;
  stop(): Promise<void>;
}

export async function startBroker(): Promise<RunningBroker> {
  const server = new Server({}, systemClock);
  const node = await TransportNode.start({ limits: server.limits, openSession: server.openSession });
  const { port } = await node.transports.listenTcp(0, '127.0.0.1');
  return {
    webSocketUrl: node.url('/stomp', 'ws'),
    sockJsUrl: node.url('/ws'),
    tcpPort: port,
    server,
    stop: () => node.stop(),
  };
}
