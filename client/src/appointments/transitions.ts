import { mayBecome, statuses } from '../../../src/clinic/appointments/status.js';
import type { AppointmentStatus, Role } from '../api/types.js';

/** What the page offers to make of it: patients may only cancel, and `entered-in-error` is offered to nobody. */
export function nextStatuses(status: AppointmentStatus, role: Role): readonly AppointmentStatus[] {
  const offered = statuses.filter((to) => to !== 'entered-in-error' && mayBecome(status, to));
  return role === 'patient' ? offered.filter((to) => to === 'cancelled') : offered;
}

/** Its time may still be changed: the patient hasn't come yet. */
export function isMovable(status: AppointmentStatus): boolean {
  return mayBecome(status, 'booked') || status === 'booked';
}
