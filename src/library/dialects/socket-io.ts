import type { Server as EngineServer } from 'engine.io';
import type { Socket } from 'socket.io';
import type { Arrival } from '../session/ports.js';
import { SocketIoConversation, type SocketIoServices, type SocketIoWire } from './socket-io-conversation.js';
import { SocketIoEvents } from './socket-io-events.js';
import type { SocketIoOptions } from './socket-io-options.js';

/** Makes the conversation of a session of Engine.IO. */
export type OpenSocketIo = (
  wire: SocketIoWire,
  remoteAddress: string,
  arrival: Arrival,
) => SocketIoConversation;

/** Of setTimeout: the library's own time for a CONNECT; ours ends with the CONNECT, and not with its answer. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Binds the stock Socket.IO to an engine: it speaks its protocol in the namespace `/`, and what clients say and hear is the
 * broker's. Its rooms, namespaces, adapters and recovery aren't used.
 */
export async function openSocketIo(
  engine: EngineServer,
  options: SocketIoOptions,
  services: SocketIoServices,
): Promise<OpenSocketIo> {
  // When it is asked for: most applications have no Socket.IO.
  const { Server } = await import('socket.io');
  const conversations = new WeakMap<object, SocketIoConversation>();
  const io = new Server({ serveClient: false, connectTimeout: NEVER_MS });
  io.use((socket, next) => void conversations.get(socket.conn)?.admit(socket, next));
  io.on('connection', (socket: Socket) => {
    // Its user is known by now: an idle client would keep its token, and the headers of its first request.
    Object.assign(socket, { handshake: undefined });
    conversations.get(socket.conn)?.begin(socket);
  });
  io.bind(engine);
  const shared = {
    ...services,
    options,
    events: new SocketIoEvents(),
    commands: new Map(Object.entries(options.commands ?? {})),
  };
  return (wire, remoteAddress, arrival) => {
    const conversation = new SocketIoConversation({ wire, remoteAddress, arrival }, shared);
    conversations.set(wire.conn, conversation);
    return conversation;
  };
}
