import type { Notification } from '../../../src/clinic/notifications/notification.js';
import type { Verdict } from '../../../src/library/broker/resume.js';
import type { Random } from '../random.js';

/** One connection of a reader to a log, over whichever transport. */
export interface Stream {
  readonly ended: Promise<void>;
  close(): void;
}

export type OpenStream = (request: StreamRequest) => Stream;

export interface StreamRequest {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly token: string;
  readonly since: string;
  /** Of the log, as a SUBSCRIBE names it. */
  readonly destination: string;
  readonly random: Random;
  readonly listener: Listener;
}

/** What a stream says, in the order in which it came; nothing after it has ended. */
export interface Listener {
  /** A cursor with nothing else: with this one its reader comes back from now on. */
  moved(cursor: string): void;
  resumed(verdict: WireVerdict, cursor: string): void;
  row(row: WireRow): void;
  /** The server says that it ends this, and why. */
  refused(code: string): void;
  /** What came is not what the protocol allows. */
  garbled(error: unknown): void;
}

/** As JSON has it. */
export type WireVerdict = Pick<Verdict, 'verdict' | 'reason' | 'from'>;

/** As JSON has it. */
export type WireNotification = Pick<Notification, 'id' | 'seq' | 'cursor' | 'type' | 'message' | 'data'>;

/** What the rows of all logs have. */
export type WireRow = Pick<WireNotification, 'id' | 'seq' | 'cursor'>;

/** Tells of a message: the verdict, or a row. That a node may have missed something is for topics: rows come anyway. */
export function tell(listener: Listener, event: string | undefined, cursor: string, body: string): void {
  if (event === 'gap') return;
  if (event === 'resume') listener.resumed(JSON.parse(body) as WireVerdict, cursor);
  else listener.row(JSON.parse(body) as WireRow);
}
