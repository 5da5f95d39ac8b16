import type { Reading } from './probe.js';

/** A server that is up, to be put under load. */
export interface Target {
  readonly name: string;
  readonly door: Door;
  /** Of a SEND to `/queue` that has to be durable. */
  readonly queueHeaders: Headers;
  read(): Promise<Usage>;
  /** From now on the delays of its event loop count, where it has one, sampled so often. */
  watchLoop?(everyMs: number): Promise<void>;
  /** Collects its garbage, where it can be asked to. */
  collectGarbage?(): Promise<void>;
  stop(): Promise<void>;
}

/** How a client gets in. */
export interface Door {
  readonly transport: Transport;
  /** `ws://127.0.0.1:8080/stomp`; of SockJS and Socket.IO the endpoint. */
  readonly url: string;
  /** Of CONNECT, of the GET, or of the upgrade: the connections take them in turn. */
  readonly credentials: readonly Headers[];
}

export type Transport = 'websocket' | 'sockjs-websocket' | 'event-stream' | 'json' | 'socket.io';

/** What a server has used so far; of its event loop, where it has one and is watched. */
export type Usage = Pick<Reading, 'cpuMicros' | 'residentBytes'> & Partial<Pick<Reading, 'loopP999Ms'>>;

export type Headers = Readonly<Record<string, string>>;

/** What can be measured beside Carillon, if it is here. */
export interface Peer {
  readonly name: string;
  /** @param users who have to be able to come in, where the server knows users @throws {NotHereError} */
  start(users: number): Promise<Target>;
}

/** Why a peer can't be measured on this machine; the run goes on without it. */
export class NotHereError extends Error {}
