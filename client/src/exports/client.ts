/** `carillon/client`: one connection from a browser to a Carillon, kept open, with the same subscriptions on it. */
export {
  Socket,
  type ChannelMessage,
  type SocketParts,
  type SocketState,
} from '../realtime/channel-socket.js';
export type { Clock, Timer } from '../realtime/clock.js';
export type { Message } from '../realtime/link.js';
export type { Online, OnlineEvents } from '../realtime/online.js';
export type { Subscription } from '../realtime/listener.js';
export type { Outlook } from '../realtime/lookout.js';
export { Realtime, type RealtimeOptions } from '../realtime/realtime.js';
export type { Role, Status, Transport } from '../realtime/status.js';
export type { Channel, Locks } from '../realtime/tabs.js';
export type { Memory } from '../realtime/transport-choice.js';
export type { Readable } from '../state/store.js';
