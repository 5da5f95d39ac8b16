import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'sockjs';
import { afterReading } from './turn-of-loop.js';

/** A session of the stock SockJS server, over whichever of its HTTP transports. */
export interface LibraryConnection extends EventEmitter {
  /** `xhr-polling`, `xhr-streaming`, `eventsource`, `htmlfile` or `jsonp-polling`. */
  readonly protocol: string;
  readonly pathname: string;
  readonly remoteAddress: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  write(text: string): boolean;
  close(code: number, reason: string): boolean;
  readonly _session: LibrarySession;
}

/** The library's own account of a session. */
interface LibrarySession {
  /** Of the client's absence, or of the next heart-beat. */
  readonly to_tref: unknown;
  /** The session ends, for its client didn't come back in time. */
  didTimeout(): void;
}

/** False: the URL isn't below the prefix. */
export type LibraryHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The stock SockJS server as it is: its published types know neither `middleware` nor that close codes are numbers. */
export interface SockJsLibrary {
  middleware(): LibraryHandler;
  on(event: 'connection', listener: (connection: LibraryConnection) => void): this;
}

/**
 * Before the library gives a client up, what has come is read: the process may have been paused, and the client's next
 * request has been waiting.
 */
export function readBeforeGivingUp({ _session: session }: LibraryConnection): void {
  const giveUp = session.didTimeout.bind(session);
  let isOver = false;
  session.didTimeout = () => {
    const absence = session.to_tref;
    afterReading(() => {
      if (isOver || session.to_tref !== absence) return;
      isOver = true;
      giveUp();
    });
  };
}

/** A server of the package `sockjs`, without its log. */
export function sockJsLibrary(options: {
  readonly prefix: string;
  readonly sockjs_url: string;
  readonly heartbeat_delay: number;
  readonly disconnect_delay: number;
  readonly response_limit: number;
}): SockJsLibrary {
  // Its log prints what peers sent, unescaped.
  return createServer({ ...options, log: () => undefined }) as unknown as SockJsLibrary;
}
