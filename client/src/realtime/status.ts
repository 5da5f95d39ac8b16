/** How the octets travel. */
export type Transport = 'websocket' | 'xhr-streaming' | 'xhr-polling';

/** Whose connection it is: this tab's for all tabs, another tab's, or this tab's for itself. */
export type Role = 'leader' | 'follower' | 'solo';

/**
 * How the connection is, as a person wants to know it. Times are readings of the clock's `monotonic`: of the browser's
 * milliseconds since 1970 by `performance`, which goes on where somebody sets the computer's clock.
 */
export type Status =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly attempt: number; readonly downSince: number }
  | {
      readonly state: 'live';
      readonly transport: Transport;
      readonly role: Role;
      readonly since: number;
    }
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

/** The status that another tab has told, as a follower says it. @param shiftMs how far this tab's clock is ahead of its */
export function asFollower(status: Status, shiftMs: number): Status {
  switch (status.state) {
    case 'idle':
      return status;
    case 'live':
      return { ...status, role: 'follower', since: status.since + shiftMs };
    case 'waiting':
    case 'offline':
      return {
        ...status,
        nextAttemptAt: status.nextAttemptAt + shiftMs,
        downSince: status.downSince + shiftMs,
      };
    case 'connecting':
    case 'stopped':
      return { ...status, downSince: status.downSince + shiftMs };
  }
}
