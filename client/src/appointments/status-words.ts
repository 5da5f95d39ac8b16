import type { AppointmentStatus } from '../api/types.js';
import type { IconName } from '../ui/icon.js';
import { say } from '../words/words.js';

/** FHIR's codes, each with its picture. */
export const statusIcons: Readonly<Record<AppointmentStatus, IconName>> = {
  proposed: 'clock',
  pending: 'clock',
  waitlist: 'clock',
  booked: 'calendar',
  arrived: 'door',
  'checked-in': 'clipboard',
  fulfilled: 'check',
  noshow: 'absent',
  cancelled: 'cross',
  'entered-in-error': 'cross',
};

/** In the words of a waiting room, for itself: "Booked". */
export function statusLabel(status: AppointmentStatus): string {
  return say(`status.${status}`);
}

/** What a doctor does to get there: "Confirm". */
export function statusAct(status: AppointmentStatus): string {
  return say(`statusAct.${status}`);
}

/** In a sentence, after what it is said of: "booked". */
export function statusIs(status: AppointmentStatus): string {
  return say(`statusIs.${status}`);
}
