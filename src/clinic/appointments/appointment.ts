import { z } from 'zod';
import { instant, type AnswerOf } from '../http/answer.js';
import { idSchema } from '../http/id.js';
import type { Person } from '../users/users.service.js';
import { endOf, type AppointmentRow } from './appointment.entity.js';
import { statuses } from './status.js';

/** An appointment as the API shows it, in JSON. */
export const appointmentSchema = z.object({
  id: idSchema,
  patientId: idSchema,
  patientName: z.string(),
  doctorId: idSchema.describe('The `id` of GET /api/doctors'),
  doctorName: z.string(),
  startsAt: instant,
  endsAt: instant,
  durationMinutes: z.int(),
  status: z.enum(statuses).describe('FHIR R5, AppointmentStatus'),
  reason: z.string().nullable(),
  zone: z.string().describe("The clinic's IANA time zone"),
  version: z.int().positive().describe('The ETag without its quotes'),
});

/** An appointment as the API shows it. */
export type Appointment = AnswerOf<typeof appointmentSchema, 'startsAt' | 'endsAt'>;

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
  const { startsAt, endsAt, ...rest } = json as z.output<typeof appointmentSchema>;
  return { ...rest, startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
}

function nameOf(id: number, people: ReadonlyMap<number, Person>): string {
  const person = people.get(id);
  // Foreign keys hold this.
  if (!person) throw new Error(`An appointment names the user ${id}, who doesn't exist`);
  return person.name;
}
