import type { Channels, Preferences } from '../api/types.js';
import type { Change } from './change.js';
import { say, type Key } from '../words/words.js';

type Kind = keyof Preferences['kinds'];
type Channel = keyof Preferences['kinds'][Kind];

const kinds: readonly (readonly [Kind, Key])[] = [
  ['appointment.created', 'kind.appointment.created'],
  ['appointment.rescheduled', 'kind.appointment.rescheduled'],
  ['appointment.cancelled', 'kind.appointment.cancelled'],
  ['appointment.updated', 'kind.appointment.updated'],
  ['appointment.status_changed', 'kinds.statuses'],
  ['appointment.reminder', 'kind.appointment.reminder'],
  ['message', 'kind.message'],
];

const channels: readonly Channel[] = ['inApp', 'push', 'email', 'sms'];

interface KindTableProps {
  readonly kinds: Preferences['kinds'];
  /** Those that this clinic has. */
  readonly channels: Channels['items'];
  readonly change: Change;
}

export function KindTable({ kinds: wishes, channels: available, change }: KindTableProps) {
  const shown = channels.filter((channel) => available.includes(channel));
  return (
    <table className="kinds">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">{say('kinds.kind')}</span>
          </th>
          {shown.map((channel) => (
            <th key={channel} scope="col">
              {say(`channel.${channel}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map(([kind, title]) => (
          <tr key={kind}>
            <th scope="row">{say(title)}</th>
            {shown.map((channel) => (
              <td key={channel}>
                <label className="kinds__cell">
                  <input
                    type="checkbox"
                    aria-label={`${say(title)}: ${say(`channel.${channel}`)}`}
                    checked={wishes[kind][channel]}
                    onChange={(event) => change({ kinds: { [kind]: { [channel]: event.target.checked } } })}
                  />
                </label>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
