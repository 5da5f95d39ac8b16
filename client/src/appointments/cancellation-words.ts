import type { Appointment } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, longDay, nearDay } from '../time/day.js';

/**
 * Who cancelled, when and why: "Cancelled by Dr. Osei, today at 14:00: I am ill".
 * @param reader the id of the user who reads it
 */
export function cancellationWords(
  { cancellation, patientId, doctorId, zone }: Appointment,
  reader: number,
  now: number,
): string | undefined {
  if (!cancellation) return undefined;
  const { at, by, byName, reason } = cancellation;
  const isSide = by === patientId || by === doctorId;
  const who = by === reader ? 'you' : isSide ? byName : 'the clinic';
  const [day, today] = [dayOf(at, zone), dayOf(now, zone)];
  const when = `${nearDay(day, today)?.toLowerCase() ?? longDay(day, today)} at ${clockTime(at, zone)}`;
  return `Cancelled by ${who}, ${when}${reason === null ? '' : `: ${reason}`}`;
}
