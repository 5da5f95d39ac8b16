import type { Clock } from '../broker/clock.js';
import type { OwnSlices } from '../broker/slices.js';
import type { Limits } from '../limits.js';
import type { Arrival, Wire } from '../session/ports.js';
import type { Session } from '../session/session.js';
import type { Connections } from './connections.js';
import type { Refused } from './refused.js';

/** What a transport needs of a session. */
export type TransportSession = Pick<
  Session,
  'isNew' | 'receive' | 'heard' | 'finish' | 'disconnected' | 'terminate'
> & {
  /** Whether there is time for what was read, and when there is again. */
  readonly slices: Pick<OwnSlices, 'isOver' | 'later'>;
};

/** WebSockets of one path that don't speak STOMP. */
export interface OtherSockets {
  /** Such as `/notifications`. */
  readonly path: string;
  /** They are below the path, one segment: whether that is one of them. Default: they are at the path itself. */
  readonly isBelow?: (segment: string) => boolean;
  /** For people and metrics. */
  readonly transport: string;
  /** Of one message. */
  readonly messageBytes: number;
  readonly open: (wire: Wire, remoteAddress: string, arrival: Arrival) => TransportSession;
}

/** What every transport is given. */
export interface TransportServices {
  /** Makes the session of a wire that was just accepted. */
  readonly openSession: (wire: Wire, remoteAddress: string) => TransportSession;
  readonly connections: Connections;
  /** What is turned away before there is a session. */
  readonly refused?: Refused;
  readonly limits: Limits;
  readonly clock: Clock;
  /** A fault of ours, whole, once: it has ended a connection, and must not end the process. */
  readonly report: (error: unknown) => void;
}
