import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { rowsOf } from '../../library/store/rows.js';
import { endOf, type AppointmentColumns } from './appointment.entity.js';
import { openStatuses } from './status.js';

/**
 * Looks whether a patient is to be elsewhere at that time. Perhaps that is meant, so the caller may confirm it.
 * With whom the other appointment is, isn't told: that is the patient's own affair.
 * @param wanted as it is to be; where it has an `id` it is there already
 * @throws {Refusal} double_booking, with the time of the other one
 */
export async function assertNotElsewhere(
  manager: EntityManager,
  wanted: Pick<AppointmentColumns, 'patientId' | 'startsAt' | 'durationMinutes'> & { readonly id?: number },
): Promise<void> {
  const rows = await rowsOf<{ starts_at: number; duration_minutes: number }>(
    manager,
    `select starts_at, duration_minutes from appointment
     where patient_id = $1 and starts_at > $2 and starts_at < $3 and id <> $4 and status in (${open})
     order by starts_at, id`,
    [wanted.patientId, wanted.startsAt.getTime() - LONGEST_MS, endOf(wanted).getTime(), wanted.id ?? 0],
  );
  const other = rows
    .map((row) => ({ startsAt: new Date(row.starts_at), durationMinutes: row.duration_minutes }))
    .find((row) => endOf(row) > wanted.startsAt);
  if (!other) return;
  throw new Refusal(
    'double_booking',
    'The patient has another appointment at that time; send `confirm` if both are meant.',
    { details: { startsAt: other.startsAt.toISOString(), endsAt: endOf(other).toISOString() } },
  );
}

/** As long as an appointment can be. */
const LONGEST_MS = 24 * 60 * 60_000;

/** Word for word as in the partial index, or it isn't used. */
const open = openStatuses()
  .map((status) => `'${status}'`)
  .join(', ');
