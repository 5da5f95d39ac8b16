import { MemoryQueueTable } from '../../src/library/broker/memory-queue-table.js';
import { systemClock } from '../../src/library/transport/system-clock.js';
import { Server } from '../conformance/server.js';
import { TransportNode } from '../transport-node.js';

/** A broker on real sockets, for clients that somebody else wrote. Everybody may do everything. */
export interface RunningBroker {
  readonly webSocketUrl: string;
  readonly sockJsUrl: string;
  readonly tcpPort: number;
  /** Of the present start. */
  readonly server: Server;
  /** Ends it, and starts another one at the same ports, which has what the queues held. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBroker(): Promise<RunningBroker> {
  const queueTable = new MemoryQueueTable();
  let { server, node, tcpPort } = await start(queueTable);
  const { port } = node;
  return {
    webSocketUrl: node.url('/stomp', 'ws'),
    sockJsUrl: node.url('/ws'),
    tcpPort,
    get server() {
      return server;
    },
    async restart() {
      await node.stop();
      ({ server, node, tcpPort } = await start(queueTable, { port, tcpPort }));
    },
    stop: () => node.stop(),
  };
}

async function start(
  queueTable: MemoryQueueTable,
  before?: { readonly port: number; readonly tcpPort: number },
): Promise<{ server: Server; node: TransportNode; tcpPort: number }> {
  const server = new Server({}, systemClock, queueTable);
  await server.open();
  const { limits, openSession } = server;
  const node = await TransportNode.start({ limits, openSession, ...(before && { port: before.port }) });
  const { port: tcpPort } = await node.transports.listenTcp(before?.tcpPort ?? 0, '127.0.0.1');
  return { server, node, tcpPort };
}
