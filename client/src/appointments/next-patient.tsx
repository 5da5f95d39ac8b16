import type { Appointment } from '../api/types.js';
import { clockTime, until } from '../time/clock-time.js';
import { Icon } from '../ui/icon.js';
import { StatusActions } from './status-actions.js';
import { say } from '../words/words.js';

interface NextPatientProps {
  readonly appointment: Appointment | undefined;
  readonly now: number;
}

export function NextPatient({ appointment, now }: NextPatientProps) {
  if (!appointment) return null;
  const { patientName, startsAt, zone, reason, status } = appointment;
  const wait = status === 'booked' ? until(startsAt, now) : say('next.here');
  return (
    <section aria-label={say('next.title')} className="next">
      <span className="next__icon">
        <Icon name="bell" size={24} />
      </span>
      <div className="next__words words">
        <p className="eyebrow">{say('next.title')}</p>
        <p className="next__name">
          {patientName} <span className="next__wait">{wait}</span>
        </p>
        <p className="next__when">
          {clockTime(startsAt, zone)}
          {reason !== null && reason !== '' && `, ${reason}`}
        </p>
      </div>
      <StatusActions key={appointment.id} appointment={appointment} isProminent />
    </section>
  );
}
