import { lookAgainMs, type Outlook } from '../realtime/lookout.js';
import { transportName, type Status } from '../realtime/status.js';
import type { IconName } from '../ui/icon.js';

/** How the chip says what state the connection has. */
export interface ConnectionWords {
  readonly label: string;
  /** For narrow screens. */
  readonly short: string;
  readonly icon: IconName;
  readonly tone: 'live' | 'waiting' | 'off';
}

/** Where there is no connection, but the server answers when it is asked, or by a stream besides. */
export const outlookWords: Readonly<Record<Exclude<Outlook, 'none'>, ConnectionWords>> = {
  asking: {
    label: `Not live - asks every ${lookAgainMs / 1_000} s`,
    short: 'Not live',
    icon: 'refresh',
    tone: 'waiting',
  },
  streaming: { label: 'Live (receive only) - SSE', short: 'Live', icon: 'waves', tone: 'live' },
};

/** The state of the connection in words, an icon and a shape: never by colour alone. */
export function connectionWords(status: Status, now: number): ConnectionWords {
  switch (status.state) {
    case 'live':
      return {
        label: `Live - ${transportName(status.transport)}${status.role === 'follower' ? ', via another tab' : ''}`,
        short: 'Live',
        icon: 'waves',
        tone: 'live',
      };
    case 'idle':
    case 'connecting':
      return { label: 'Connecting', short: 'Connecting', icon: 'refresh', tone: 'waiting' };
    case 'waiting':
      return {
        label: `Reconnecting, next try in ${secondsUntil(status.nextAttemptAt, now)} s`,
        short: 'Reconnecting',
        icon: 'refresh',
        tone: 'waiting',
      };
    case 'offline':
      return { label: 'Offline', short: 'Offline', icon: 'offline', tone: 'off' };
    case 'stopped':
      return { label: 'Not connected', short: 'Not connected', icon: 'offline', tone: 'off' };
  }
}

function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1_000));
}
