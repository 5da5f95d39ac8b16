import { randomBytes } from 'node:crypto';
import type { Server } from 'engine.io';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { Limits } from '../limits.js';
import { deflate } from './deflate.js';

/** Of an id of a session: a peer that knows it speaks for its client. */
const ID_BYTES = 18;

/**
 * The stock server of Engine.IO, Socket.IO's transport, with our limits. It listens to nobody: `EngineIo` brings requests
 * and upgrades to it.
 * @param node begins the ids of its sessions, for balancers that send each to the node that has it. Default: nothing does
 */
export async function engineServer(
  limits: EngineLimits,
  {
    node,
    compression = false,
  }: { readonly node?: string | undefined; readonly compression?: boolean | undefined } = {},
): Promise<Server> {
  // When it is asked for: most applications have no Socket.IO.
  const { Server } = await import('engine.io');
  const engine = new Server({
    transports: ['polling', 'websocket'],
    pingInterval: limits.pingMs,
    pingTimeout: limits.socketIoPongMs,
    upgradeTimeout: limits.foreignUpgradeMs,
    maxHttpBufferSize: limits.bodyBytes,
    maxBufferedChunks: limits.messagePieces,
    perMessageDeflate: compression && deflate,
    httpCompression: false,
    wsEngine: boundedServer(limits),
  });
  const prefix = node === undefined ? '' : `${node}.`;
  engine.generateId = () => prefix + randomBytes(ID_BYTES).toString('base64url');
  return engine;
}

type EngineLimits = Pick<
  Limits,
  'pingMs' | 'socketIoPongMs' | 'foreignUpgradeMs' | 'bodyBytes' | 'messagePieces' | 'closeMs'
>;

/** `ws` with what Engine.IO doesn't pass on to it. */
function boundedServer({
  messagePieces,
  closeMs,
}: EngineLimits): new (options: ServerOptions) => WebSocketServer {
  return class extends WebSocketServer {
    constructor(options: ServerOptions) {
      // A peer that closes and then holds its socket open; a message in pieces of a byte.
      const more: ServerOptions & { closeTimeout: number } = {
        ...options,
        maxFragments: messagePieces,
        closeTimeout: closeMs,
      };
      super(more);
    }
  };
}
