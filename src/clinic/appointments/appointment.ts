import type { Person } from '../users/users.service.js';
import { endOf, type AppointmentRow } from './appointment.entity.js';
import type { Status } from './status.js';

/** An appointment as the API shows it. */
export interface Appointment {
  readonly id: number;
  readonly patientId: number;
  readonly patientName: string;
  readonly doctorId: number;
  readonly doctorName: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly durationMinutes: number;
  readonly status: Status;
  readonly reason: string | null;
  readonly zone: string;
  readonly version: number;
}

/** @param people among them its patient and its doctor */
export function appointmentOf(row: AppointmentRow, people: ReadonlyMap<number, Person>): Appointment {
  return {
    id: row.id,
    patientId: row.patientId,
    patientName: nameOf(row.patientId, people),
    doctorId: row.doctorId,
    doctorName: nameOf(row.doctorId, people),
    startsAt: row.startsAt,
    endsAt: endOf(row),
    durationMinutes: row.durationMinutes,
    status: row.status,
    reason: row.reason,
    zone: row.zone,
    version: row.version,
  };
}

/** An appointment as JSON kept it. */
export function revivedAppointment(json: unknown): Appointment {
  const { startsAt, endsAt, ...rest } = json as Omit<Appointment, 'startsAt' | 'endsAt'> &
    Readonly<Record<'startsAt' | 'endsAt', string>>;
  return { ...rest, startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
}

function nameOf(id: number, people: ReadonlyMap<number, Person>): string {
  const person = people.get(id);
  // Foreign keys hold this.
  if (!person) throw new Error(`An appointment names the user ${id}, who doesn't exist`);
  return person.name;
}
