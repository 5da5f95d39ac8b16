import { Refusal } from '../errors.js';
import { invalid } from '../http/zod.pipe.js';
import type { AppointmentEvent, Field, NamedStatus } from './appointment-event.js';
import { endOf, type AppointmentColumns } from './appointment.entity.js';
import type { Horizon } from './horizon.js';
import type { OfficeHours } from './office-hours.js';
import { changeSchema, type AppointmentChange } from './schemas.js';
import { isFinal, mayBecome, type Status } from './status.js';

/** What becomes of an appointment, and what is told of it. */
export interface Decision {
  readonly fields: Partial<Pick<AppointmentColumns, Field | 'status'>>;
  readonly event: AppointmentEvent;
}

/**
 * A PATCH. @returns undefined where it changes nothing
 * @throws {Refusal} illegal_transition, invalid_request, too_far_ahead, slot_taken
 */
export function decideChange(
  row: AppointmentColumns,
  change: AppointmentChange,
  rules: BookingRules,
  now: Date,
): Decision | undefined {
  if (isFinal(row.status)) throw illegal(row.status, row.status);
  const changed = fields.filter((field) => isChanged(row[field], change[field]));
  if (changed.length === 0) return undefined;

  const wanted = Object.fromEntries(changed.map((field) => [field, change[field]])) as Decision['fields'];
  if (!changed.includes('startsAt') && !changed.includes('durationMinutes'))
    return { fields: wanted, event: { type: 'appointment.updated', changed } };

  const moved = { ...row, ...wanted };
  assertBookable(moved, rules, changed.includes('startsAt') ? now : undefined);
  const previous = { startsAt: row.startsAt, endsAt: endOf(row) };
  return { fields: wanted, event: { type: 'appointment.rescheduled', previous, changed } };
}

/** A new status. @throws {Refusal} illegal_transition */
export function decideStatus(row: AppointmentColumns, to: Status, reason: string | null): Decision {
  if (!mayBecome(row.status, to)) throw illegal(row.status, to);
  if (to === 'cancelled') {
    const why = reason === null ? {} : { reason };
    return { fields: { status: to }, event: { type: 'appointment.cancelled', from: row.status, to, ...why } };
  }
  return {
    fields: { status: to },
    // Nothing becomes proposed, pending or waitlist: the table of transitions has none of them as a target.
    event: { type: 'appointment.status_changed', from: row.status, to: to as NamedStatus },
  };
}

/** Which times can be booked. */
export interface BookingRules {
  /** The doctor's. */
  readonly hours: OfficeHours;
  readonly horizon: Horizon;
}

/**
 * Whether a time is one that can be booked at all, be it free or not.
 * @param now absent where it was booked before and only its length changes
 * @throws {Refusal} invalid_request, too_far_ahead; slot_taken where the doctor is away
 */
export function assertBookable(
  time: Pick<AppointmentColumns, 'startsAt' | 'durationMinutes'>,
  { hours, horizon }: BookingRules,
  now?: Date,
): void {
  if (now && time.startsAt <= now) throw invalid([{ path: 'startsAt', message: 'must be in the future' }]);
  if (now && time.startsAt >= horizon.at(now)) throw tooFarAhead(horizon.at(now));
  const slot = { startsAt: time.startsAt, endsAt: endOf(time) };
  if (!hours.include(slot)) {
    const message = `must be, from start to end, ${hours.describeDayOf(time.startsAt)} in ${hours.zone.name}`;
    throw invalid([{ path: 'startsAt', message }]);
  }
  if (hours.isAway(slot))
    throw new Refusal('slot_taken', 'The doctor has no time then; choose another slot.');
}

const fields: readonly Field[] = changeSchema.keyof().options;

function isChanged(is: Date | number | string | null, wanted: typeof is | undefined): boolean {
  return wanted !== undefined && is?.valueOf() !== wanted?.valueOf();
}

function tooFarAhead(until: Date): Refusal {
  return new Refusal(
    'too_far_ahead',
    'Times are handed out until a day before that one; choose an earlier one.',
    { details: { until: until.toISOString() } },
  );
}

function illegal(from: Status, to: Status): Refusal {
  const what = from === to ? `It is ${from}, and stays so.` : `What is ${from} can't become ${to}.`;
  return new Refusal('illegal_transition', what, { details: { from, to } });
}
