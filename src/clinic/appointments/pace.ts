import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { rowsOf } from '../../library/store/rows.js';

const HOUR_MS = 60 * 60_000;

/** How often something may happen in an hour. */
export interface Pace {
  /** The id of the user whose events count: what one does takes nothing from the others of an appointment. */
  readonly by: number;
  /** Changes of this appointment alone count; without it, whatever the user did to any, bookings too. */
  readonly appointmentId?: number;
  readonly perHour: number;
  readonly now: number;
}

/**
 * Looks whether another event fits into the hour. It counts what happened, in the history, so that a restart forgets
 * nothing. To be asked when all other refusals have been looked at.
 * @throws {Refusal} rate_limited, with the time until the oldest of them is an hour old
 */
export async function assertPace(
  manager: EntityManager,
  { by, appointmentId, perHour, now }: Pace,
): Promise<void> {
  const ofOne =
    appointmentId === undefined ? '' : `and appointment_id = $3 and type <> 'appointment.created'`;
  const [oldest] = await rowsOf<{ at: number }>(
    manager,
    `select at from appointment_event where by_id = $1 and at > $2 ${ofOne}
     order by at desc limit 1 offset ${perHour - 1}`,
    [by, now - HOUR_MS, ...(appointmentId === undefined ? [] : [appointmentId])],
  );
  if (!oldest) return;
  throw new Refusal(
    'rate_limited',
    appointmentId === undefined
      ? `You booked and changed ${perHour} times within an hour; wait, or call the clinic.`
      : `You changed this appointment ${perHour} times within an hour; wait, or cancel it and call the clinic.`,
    { retryAfterMs: Math.min(oldest.at + HOUR_MS - now, HOUR_MS) },
  );
}
