import { z } from 'zod';
import { instant, type AnswerOf } from '../http/answer.js';
import { idSchema } from '../http/id.js';
import type { Person } from '../users/users.service.js';
import { endOf, type AppointmentRow } from './appointment.entity.js';
import type { PendingChange } from './pending-changes.js';
import { statuses } from './status.js';

/** A change that waits until its time has run out, as the API shows it. */
const pendingChangeSchema = z
  .object({
    action: z.enum(['cancel', 'status']),
    status: z.enum(statuses).describe('What it becomes'),
    by: idSchema.describe('Who asked for it, and can take it back'),
    at: instant.describe('When it is made'),
  })
  .describe('Asked for with `undoMs`, and not made yet; shown to its author and to operators');

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
  pendingChange: pendingChangeSchema.exactOptional(),
  cancellation: z
    .object({
      at: instant,
      by: idSchema.describe('The user who cancelled'),
      byName: z.string(),
      reason: z.string().nullable(),
    })
    .exactOptional()
    .describe('Of what is cancelled'),
});

/** By whom, when and why an appointment was cancelled. */
export type Cancellation = NonNullable<z.output<typeof appointmentSchema>['cancellation']>;

/** An appointment as the API shows it. */
export type Appointment = Omit<AnswerOf<typeof appointmentSchema, 'startsAt' | 'endsAt'>, 'pendingChange'> & {
  readonly pendingChange?: AnswerOf<typeof pendingChangeSchema, 'at'>;
};

/** @param people among them its patient and its doctor */
export function appointmentOf(
  row: AppointmentRow,
  people: ReadonlyMap<number, Person>,
  pending?: PendingChange,
  cancellation?: Cancellation,
): Appointment {
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
    ...(pending && { pendingChange: shown(pending) }),
    ...(cancellation && row.status === 'cancelled' && { cancellation }),
  };
}

/** An appointment as JSON kept it. */
export function revivedAppointment(json: unknown): Appointment {
  const { startsAt, endsAt, pendingChange, ...rest } = json as z.output<typeof appointmentSchema>;
  return {
    ...rest,
    startsAt: new Date(startsAt),
    endsAt: new Date(endsAt),
    ...(pendingChange && { pendingChange: { ...pendingChange, at: new Date(pendingChange.at) } }),
  };
}

function shown({ status, by, at }: PendingChange): NonNullable<Appointment['pendingChange']> {
  return { action: status === 'cancelled' ? 'cancel' : 'status', status, by, at };
}

function nameOf(id: number, people: ReadonlyMap<number, Person>): string {
  const person = people.get(id);
  // Foreign keys hold this.
  if (!person) throw new Error(`An appointment names the user ${id}, who doesn't exist`);
  return person.name;
}
