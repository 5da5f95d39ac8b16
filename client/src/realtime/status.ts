/** How the octets travel. */
export type Transport = 'websocket' | 'xhr-streaming' | 'xhr-polling';

/**
 * How the connection is, as a person wants to know it. Times are readings of the clock's `monotonic`: of the browser's
 * milliseconds since 1970 by `performance`, which goes on where somebody sets the computer's clock.
 */
export type Status =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly attempt: number; readonly downSince: number }
  | { readonly state: 'live'; readonly transport: Transport; readonly since: number }
  | {
      readonly state: 'waiting';
      readonly attempt: number;
      readonly nextAttemptAt: number;
      readonly downSince: number;
      readonly cause: string;
    }
  /** The browser says there is no network. It is only a hint, so attempts go on. */
  | {
      readonly state: 'offline';
      readonly attempt: number;
      readonly nextAttemptAt: number;
      readonly downSince: number;
    }
  /** The server refused in a way that trying again won't cure. */
  | { readonly state: 'stopped'; readonly code: string; readonly downSince: number };

/** A transport's name for people. */
export function transportName(transport: Transport): string {
  return transport === 'websocket' ? 'WebSocket' : `SockJS ${transport}`;
}
