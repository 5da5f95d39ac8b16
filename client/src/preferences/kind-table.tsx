import type { Channels, Preferences } from '../api/types.js';
import type { Change } from './change.js';

type Kind = keyof Preferences['kinds'];
type Channel = keyof Preferences['kinds'][Kind];

const kinds: readonly (readonly [Kind, string])[] = [
  ['appointment.created', 'New appointment'],
  ['appointment.rescheduled', 'Appointment moved'],
  ['appointment.cancelled', 'Appointment cancelled'],
  ['appointment.updated', 'Appointment changed'],
  ['appointment.status_changed', 'Arrived, completed and the like'],
  ['appointment.reminder', 'Reminder'],
  ['message', 'Message from the clinic'],
];

const channels: readonly (readonly [Channel, string])[] = [
  ['inApp', 'Pop-up'],
  ['push', 'Push'],
  ['email', 'E-mail'],
  ['sms', 'SMS'],
];

interface KindTableProps {
  readonly kinds: Preferences['kinds'];
  /** Those that this clinic has. */
  readonly channels: Channels['items'];
  readonly change: Change;
}

export function KindTable({ kinds: wishes, channels: available, change }: KindTableProps) {
  const shown = channels.filter(([channel]) => available.includes(channel));
  return (
    <table className="kinds">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Kind</span>
          </th>
          {shown.map(([channel, name]) => (
            <th key={channel} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map(([kind, title]) => (
          <tr key={kind}>
            <th scope="row">{title}</th>
            {shown.map(([channel, name]) => (
              <td key={channel}>
                <label className="kinds__cell">
                  <input
                    type="checkbox"
                    aria-label={`${title}: ${name}`}
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
