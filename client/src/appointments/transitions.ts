import type { AppointmentStatus, Role } from '../api/types.js';

/**
 * Which status may follow which; the server decides, this only keeps it from being asked in vain.
 * `entered-in-error` may follow any; the web client doesn't offer it.
 */
const transitions: Readonly<Record<AppointmentStatus, readonly AppointmentStatus[]>> = {
  proposed: ['booked', 'cancelled'],
  pending: ['booked', 'cancelled'],
  waitlist: ['booked', 'cancelled'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  arrived: ['checked-in', 'fulfilled', 'cancelled'],
  'checked-in': ['fulfilled', 'cancelled'],
  fulfilled: [],
  noshow: [],
  cancelled: [],
  'entered-in-error': [],
};

/** Patients may only cancel. */
export function nextStatuses(status: AppointmentStatus, role: Role): readonly AppointmentStatus[] {
  const next = transitions[status];
  return role === 'patient' ? next.filter((to) => to === 'cancelled') : next;
}

/** Its time may still be changed: the patient hasn't come yet. */
export function isMovable(status: AppointmentStatus): boolean {
  return transitions[status].includes('booked') || status === 'booked';
}
