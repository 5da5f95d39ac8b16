import { mayBecome, statuses } from '../../../src/clinic/appointments/status.js';
import type { Appointment, AppointmentStatus, Role } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, shortDay } from '../time/day.js';
import { say } from '../words/words.js';

/** What the page offers to make of it: patients may only cancel, and `entered-in-error` is offered to nobody. */
export function nextStatuses(status: AppointmentStatus, role: Role): readonly AppointmentStatus[] {
  const offered = statuses.filter((to) => to !== 'entered-in-error' && mayBecome(status, to));
  return role === 'patient' ? offered.filter((to) => to === 'cancelled') : offered;
}

/** Its time may still be changed: the patient hasn't come yet. */
export function isMovable(status: AppointmentStatus): boolean {
  return mayBecome(status, 'booked') || status === 'booked';
}

/** Why it can't be true yet that an appointment has that status; undefined where it can. */
export function whyNotYet(
  { startsAt, zone, status }: Pick<Appointment, 'startsAt' | 'zone' | 'status'>,
  to: AppointmentStatus,
  now: number,
): string | undefined {
  // A patient who is here may be seen before the time.
  if (status === 'arrived' || status === 'checked-in') return undefined;
  const day = dayOf(startsAt, zone);
  const isOtherDay = day > dayOf(now, zone);
  const on = isOtherDay ? shortDay(day) : '';
  if (to === 'arrived' || to === 'checked-in')
    return isOtherDay ? say('notYet.from', { when: on }) : undefined;
  if (to !== 'noshow' && to !== 'fulfilled') return undefined;
  if (now >= Date.parse(startsAt)) return undefined;
  return say('notYet.from', { when: [on, clockTime(startsAt, zone)].filter(Boolean).join(', ') });
}
