/** @see FHIR R5, value set AppointmentStatus */
export const statuses = [
  'proposed',
  'pending',
  'waitlist',
  'booked',
  'arrived',
  'checked-in',
  'fulfilled',
  'noshow',
  'cancelled',
  'entered-in-error',
] as const;

/** How far an appointment has come, by FHIR's words. */
export type Status = (typeof statuses)[number];

/** Whether an appointment of one status may get the other. */
export function mayBecome(from: Status, to: Status): boolean {
  return transitions[from].includes(to);
}

/** Nothing but a correction comes after it. */
export function isFinal(status: Status): boolean {
  return transitions[status].every((next) => next === 'entered-in-error');
}

/** Those of what is still to happen. */
export function openStatuses(): Status[] {
  return statuses.filter((status) => !isFinal(status));
}

/** Whether the doctor's time is kept for it. */
export function holdsTime(status: Status): boolean {
  return status !== 'cancelled' && status !== 'entered-in-error';
}

const transitions: Readonly<Record<Status, readonly Status[]>> = {
  proposed: ['booked', 'cancelled', 'entered-in-error'],
  pending: ['booked', 'cancelled', 'entered-in-error'],
  waitlist: ['booked', 'cancelled', 'entered-in-error'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled', 'entered-in-error'],
  arrived: ['checked-in', 'fulfilled', 'cancelled', 'entered-in-error'],
  'checked-in': ['fulfilled', 'cancelled', 'entered-in-error'],
  fulfilled: ['entered-in-error'],
  noshow: ['entered-in-error'],
  cancelled: ['entered-in-error'],
  'entered-in-error': [],
};
