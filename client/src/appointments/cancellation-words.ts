import type { Appointment } from '../api/types.js';
import { dayAndTime } from '../time/clock-time.js';
import { say } from '../words/words.js';

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
  const who = by === reader ? say('cancellation.you') : isSide ? byName : say('cancellation.clinic');
  const when = dayAndTime(at, zone, now);
  return reason === null
    ? say('cancellation.said', { who, when })
    : say('cancellation.why', { who, when, reason });
}
