import { lookAgainMs, type Outlook } from '../realtime/lookout.js';
import { transportName, type Status } from '../realtime/status.js';
import type { IconName } from '../ui/icon.js';
import { say, type Key } from '../words/words.js';

/** How the chip says what state the connection has. */
export interface ConnectionWords {
  /** In plain words. */
  readonly label: string;
  /** For those who want to know how: with the transport. */
  readonly detail: string;
  /** For narrow screens. */
  readonly short: string;
  readonly icon: IconName;
  readonly tone: 'live' | 'waiting' | 'off';
}

/** Where there is no connection, but the server answers when it is asked, or by a stream besides. */
export function outlookWords(outlook: Exclude<Outlook, 'none'>): ConnectionWords {
  return outlook === 'asking'
    ? {
        ...{ label: say('connection.notLive'), short: say('connection.notLive') },
        detail: say('connection.asking', { seconds: lookAgainMs / 1_000 }),
        icon: 'refresh',
        tone: 'waiting',
      }
    : {
        ...{ label: say('connection.live'), short: say('connection.live') },
        detail: say('connection.streaming'),
        icon: 'waves',
        tone: 'live',
      };
}

/** The state of the connection in words, an icon and a shape: never by colour alone. */
export function connectionWords(status: Status, now: number): ConnectionWords {
  switch (status.state) {
    case 'live': {
      const by = { transport: transportName(status.transport) };
      return {
        ...{ label: say('connection.live'), short: say('connection.live') },
        detail: say(status.role === 'follower' ? 'connection.viaTab' : 'connection.by', by),
        icon: 'waves',
        tone: 'live',
      };
    }
    case 'idle':
    case 'connecting':
      return { ...plain('connection.connecting'), icon: 'refresh', tone: 'waiting' };
    case 'waiting': {
      const label = say('connection.again', { seconds: secondsUntil(status.nextAttemptAt, now) });
      const short = say('connection.reconnecting');
      return { label, detail: label, short, icon: 'refresh', tone: 'waiting' };
    }
    case 'offline':
      return { ...plain('connection.offline'), icon: 'offline', tone: 'off' };
    case 'stopped':
      return { ...plain('connection.stopped'), icon: 'offline', tone: 'off' };
  }
}

function plain(key: Key): Pick<ConnectionWords, 'label' | 'detail' | 'short'> {
  const label = say(key);
  return { label, detail: label, short: label };
}

function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1_000));
}
