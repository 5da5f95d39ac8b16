import { systemClock } from '../../../src/library/transport/system-clock.js';
import { TransportNode } from '../../transport-node.js';
import { Server } from '../server.js';
import type { Listener, Need, Peer, Transport } from '../transport.js';

/** Opens a connection to a server that listens on 127.0.0.1. */
export type OpenPeer = (node: TransportNode, listener: Listener) => Promise<Peer>;

/** A transport over real sockets, on a server of its own for each check. */
export function socketTransport(
  name: string,
  lacks: Partial<Record<Exclude<Need, 'clock'>, string>>,
  openPeer: OpenPeer,
): Transport {
  return {
    name,
    lacks: { clock: 'time is real here', ...lacks },
    start: async (limits) => {
      const server = new Server({ ...limits, sockjsDisconnectMs: 1_000 }, systemClock);
      const node = await TransportNode.start({ limits: server.limits, openSession: server.openSession });
      return {
        server,
        faults: () => [...server.faults, ...node.faults],
        open: (listener) => openPeer(node, listener),
        stop: () => node.stop(),
      };
    },
  };
}
