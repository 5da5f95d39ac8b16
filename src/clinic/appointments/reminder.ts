import type { AppointmentColumns } from './appointment.entity.js';

/**
 * `planned`: it waits until it is due. `sent`: it is in the recipient's inbox. `skipped`: it was due, or would have been,
 * when it was of no use. `withdrawn`: it was never sent, since something made it untrue before it was due.
 */
export const reminderStates = ['planned', 'sent', 'skipped', 'withdrawn'] as const;
/** One of `reminderStates`. */
export type ReminderState = (typeof reminderStates)[number];

/** Why one was skipped. */
const skipReasons = ['too_late', 'missed', 'overtaken', 'failed'] as const;
/** One of `skipReasons`. */
export type ReminderSkipReason = (typeof skipReasons)[number];

/** What is to be said to somebody before an appointment, and what became of it. */
export interface Reminder {
  readonly id: number;
  readonly appointmentId: number;
  readonly recipientId: number;
  readonly offsetMinutes: number;
  /** The start that it reminds of. */
  readonly startsAt: Date;
  readonly dueAt: Date;
  readonly state: ReminderState;
  /** Of a skipped one a `SkipReason`; of a withdrawn one `moved`, `unwanted`, or the status that the appointment got. */
  readonly reason: string | null;
  /** When it came into its state. */
  readonly changedAt: Date;
}

/** One as it is written when an appointment is booked or moved. */
export type NewReminder = Pick<
  Reminder,
  'appointmentId' | 'recipientId' | 'offsetMinutes' | 'startsAt' | 'dueAt'
> &
  ({ readonly state: 'planned' } | { readonly state: 'skipped'; readonly reason: ReminderSkipReason });

/** @param offsets minutes before the start, by recipient */
export function plan(
  { id, startsAt }: Pick<AppointmentColumns, 'id' | 'startsAt'>,
  offsets: ReadonlyMap<number, readonly number[]>,
  now: number,
): NewReminder[] {
  return [...offsets].flatMap(([recipientId, minutes]) =>
    [...new Set(minutes)].map((offsetMinutes): NewReminder => {
      const dueAt = new Date(startsAt.getTime() - offsetMinutes * MINUTE_MS);
      const reminder = { appointmentId: id, recipientId, offsetMinutes, startsAt, dueAt };
      // An offset longer than the notice: a patient who has just booked needs no reminder of it.
      if (dueAt.getTime() <= now) return { ...reminder, state: 'skipped', reason: 'too_late' };
      return { ...reminder, state: 'planned' };
    }),
  );
}

/** Whether an appointment is one that its people are still to come to. */
export function isAhead({ status }: Pick<AppointmentColumns, 'status'>): boolean {
  return status === 'booked';
}

/** What becomes of one that is due. */
export type Fate =
  | { readonly state: 'sent' }
  | { readonly state: 'skipped'; readonly reason: ReminderSkipReason }
  | { readonly state: 'withdrawn'; readonly reason: string };

/**
 * Late, because no node was there when it was due, is better than never, while there is time to act upon it: `noticeMs`,
 * or half of the offset where that is less. Of several that are late for one person only the last is sent.
 * @param appointment as it is now
 * @param isOvertaken another one for the same person and start, with a smaller offset, is due as well
 */
export function fateOf(
  { startsAt, offsetMinutes, isOvertaken }: DueReminder,
  appointment: Pick<AppointmentColumns, 'startsAt' | 'status'>,
  { now, noticeMs }: { readonly now: number; readonly noticeMs: number },
): Fate {
  // Whatever changed it has withdrawn its reminders; this holds if anything forgets to.
  if (!isAhead(appointment)) return { state: 'withdrawn', reason: appointment.status };
  if (appointment.startsAt.getTime() !== startsAt.getTime()) return { state: 'withdrawn', reason: 'moved' };
  const leastMs = Math.min(noticeMs, (offsetMinutes * MINUTE_MS) / 2);
  if (startsAt.getTime() - now < leastMs) return { state: 'skipped', reason: 'missed' };
  return isOvertaken ? { state: 'skipped', reason: 'overtaken' } : { state: 'sent' };
}

/** One whose time has come. */
export type DueReminder = Pick<
  Reminder,
  'id' | 'appointmentId' | 'recipientId' | 'offsetMinutes' | 'startsAt' | 'dueAt'
> & { readonly isOvertaken: boolean };

const MINUTE_MS = 60_000;
