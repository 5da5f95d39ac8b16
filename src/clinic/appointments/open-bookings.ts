import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import type { Clock } from '../../library/broker/clock.js';
import type { Limits } from '../limits.js';
import { rowsOf } from '../../library/store/rows.js';
import type { AppointmentColumns } from './appointment.entity.js';
import { openStatuses } from './status.js';

/** How much of the future one patient may have booked. */
export interface OpenBookingOptions {
  readonly limits: Pick<Limits, 'openBookings' | 'openBookingMinutes'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Looks whether a patient's appointments to come leave place for this one, by number and by minutes. On PostgreSQL
 * others of the same patient wait until this transaction has ended, or none would count the others.
 * @param wanted as it is to be; where it has an `id` it is there already
 * @throws {Refusal} booking_limit
 */
export async function assertMayHave(
  manager: EntityManager,
  wanted: Pick<AppointmentColumns, 'patientId' | 'durationMinutes'> & { readonly id?: number },
  { limits: { openBookings, openBookingMinutes }, clock }: OpenBookingOptions,
): Promise<void> {
  if (manager.connection.options.type === 'postgres') {
    const key = `bookings of ${wanted.patientId}`;
    await rowsOf(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
  }
  const [others] = await rowsOf<{ count: number; minutes: number }>(
    manager,
    `select count(*) as count, coalesce(sum(duration_minutes), 0) as minutes from appointment
     where patient_id = $1 and starts_at > $2 and id <> $3 and status in (${open})`,
    [wanted.patientId, clock.now(), wanted.id ?? 0],
  );
  const minutes = openBookings * openBookingMinutes;
  if (!others) return;
  if (others.count < openBookings && others.minutes + wanted.durationMinutes <= minutes) return;
  throw new Refusal(
    'booking_limit',
    `You may have ${openBookings} appointments to come, and ${minutes} minutes in all; ` +
      'cancel one of them, or ask the clinic to book for you.',
  );
}

/** Word for word as in the partial index, or it isn't used: what was cancelled isn't looked through. */
const open = openStatuses()
  .map((status) => `'${status}'`)
  .join(', ');
