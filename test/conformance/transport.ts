import type { Limits } from '../../src/library/limits.js';
import type { FakeClock } from '../../src/library/testing/fake-clock.js';
import type { Server } from './server.js';

/** What a check can ask for beyond frames that go to and fro. */
export type Need =
  /** Time that passes when it is told to. */
  | 'clock'
  /** Bodies and headers of any octets, in both directions. */
  | 'octets'
  /** A wire that carries text only, so that other bodies must be wrapped. */
  | 'text-only';

/** One client's end of a connection: bytes, and nothing of STOMP. */
export interface Peer {
  send(bytes: Uint8Array): void;
  /** Leaves without a word, as a broken network does. */
  cut(): void;
}

export interface Listener {
  received(bytes: Uint8Array): void;
  /** @param code the WebSocket close code; undefined where the transport has none */
  closed(code: number | undefined): void;
}

/** A server that is up, reached over one transport. */
export interface Node {
  readonly server: Server;
  /** What was logged as a fault of ours, by the server or below it. */
  faults(): readonly unknown[];
  /** Present where the transport has the need `clock`. */
  readonly clock?: FakeClock;
  open(listener: Listener): Promise<Peer>;
  stop(): Promise<void>;
}

/** One way in, as the suite runs over it. */
export interface Transport {
  readonly name: string;
  /** Needs that it can't meet, and why not. */
  readonly lacks: Partial<Record<Need, string>>;
  start(limits: Partial<Limits>): Promise<Node>;
}
