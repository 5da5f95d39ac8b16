import type { Reading } from './probe.js';

/** A STOMP server over WebSocket that is up, to be put under load. */
export interface Target {
  readonly name: string;
  readonly door: Door;
  /** Of a SEND to `/queue` that has to be durable. */
  readonly queueHeaders: Headers;
  read(): Promise<Usage>;
  stop(): Promise<void>;
}

/** How a client gets in. */
export interface Door {
  /** `ws://127.0.0.1:8080/stomp` */
  readonly url: string;
  /** Of CONNECT. */
  readonly credentials: Headers;
}

/** What a server has used so far. */
export type Usage = Pick<Reading, 'cpuMicros' | 'residentBytes'>;

export type Headers = Readonly<Record<string, string>>;

/** What can be measured beside Carillon, if it is here. */
export interface Peer {
  readonly name: string;
  /** @throws {NotHereError} */
  start(): Promise<Target>;
}

/** Why a peer can't be measured on this machine; the run goes on without it. */
export class NotHereError extends Error {}
