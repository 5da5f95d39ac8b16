/** `carillon/client`: one connection from a browser to a Carillon, kept open, with the same subscriptions on it. */
export type { Clock, Timer } from '../realtime/clock.js';
export type { Message } from '../realtime/link.js';
export type { Online, OnlineEvents } from '../realtime/online.js';
export { Realtime, type RealtimeOptions, type Subscription } from '../realtime/realtime.js';
export type { Status, Transport } from '../realtime/status.js';
export type { Memory } from '../realtime/transport-choice.js';
export type { Readable } from '../state/store.js';
