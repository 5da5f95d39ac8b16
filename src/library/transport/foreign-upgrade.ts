import type { Socket } from 'node:net';
import type { TransportServices } from './services.js';

interface ForeignUpgrade extends Pick<TransportServices, 'connections' | 'refused' | 'limits' | 'clock'> {
  /** Of the client, behind trusted proxies. */
  readonly remoteAddress: string;
  readonly tellOthers: () => void;
}

/**
 * Leaves an upgrade to the server's other listeners. Its socket counts toward the connections of its address until it
 * closes, and is destroyed when nobody has answered in time: to a path that nobody serves, none of them may answer.
 */
export function leaveToOthers(socket: Socket, upgrade: ForeignUpgrade): void {
  const { connections, refused, limits, clock, remoteAddress, tellOthers } = upgrade;
  // Requests before this one have been answered on the same socket.
  const { bytesWritten } = socket;
  const timer = clock.after(limits.foreignUpgradeMs, () => {
    const isAnswered = socket.bytesWritten > bytesWritten;
    if (!isAnswered) refused?.add('websocket', { code: 'not_found' });
    // A client that doesn't close would keep a socket half open that was only ended.
    if (!isAnswered || socket.writableEnded) socket.destroy();
  });
  connections.addForeign(socket, remoteAddress);
  socket.once('close', () => timer.cancel());
  tellOthers();
}
