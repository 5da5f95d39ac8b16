import type { AppointmentStatus } from '../api/types.js';
import type { IconName } from '../ui/icon.js';

interface StatusWords {
  readonly label: string;
  /** What a doctor does to get there. */
  readonly action: string;
  readonly icon: IconName;
}

/** FHIR's codes in the words of a waiting room. */
export const statusWords: Readonly<Record<AppointmentStatus, StatusWords>> = {
  proposed: { label: 'Proposed', action: 'Propose', icon: 'clock' },
  pending: { label: 'Pending', action: 'Set pending', icon: 'clock' },
  waitlist: { label: 'Waiting list', action: 'Put on waiting list', icon: 'clock' },
  booked: { label: 'Booked', action: 'Confirm', icon: 'calendar' },
  arrived: { label: 'Arrived', action: 'Mark arrived', icon: 'door' },
  'checked-in': { label: 'Checked in', action: 'Check in', icon: 'clipboard' },
  fulfilled: { label: 'Completed', action: 'Complete', icon: 'check' },
  noshow: { label: 'No-show', action: 'Mark no-show', icon: 'absent' },
  cancelled: { label: 'Cancelled', action: 'Cancel', icon: 'cross' },
  'entered-in-error': { label: 'Entered in error', action: 'Entered in error', icon: 'cross' },
};
