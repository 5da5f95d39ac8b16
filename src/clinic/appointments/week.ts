import { z } from 'zod';
import { cellMinutes } from './cell-length.js';

/** Monday first. @see FHIR R5, value set DaysOfWeek */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Times of one day beyond which nobody's day is divided. */
const maxTimesPerDay = 4;

const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be HH:MM')
  .refine((text) => minuteOfDay(text) % cellMinutes === 0, 'must be on a quarter of an hour');

const openTime = z
  .object({ day: z.enum(weekdays), from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than `from`' });

/** A time of each week, by the clinic's clock. */
export type OpenTime = Readonly<z.output<typeof openTime>>;

/** In the order of the week; no two of them overlap or touch. */
export type Week = readonly OpenTime[];

/** The shape of a doctor's working week. */
export const weekSchema = z
  .array(openTime)
  .max(weekdays.length * maxTimesPerDay)
  .transform((times) => times.toSorted(byTime))
  .refine((times) => times.every((time, i) => !overlaps(times[i - 1], time)), 'may not overlap within a day')
  .transform(joined);

/** Of a doctor who has said nothing else: from eight to six, every day. */
export const usualWeek: Week = weekdays.map((day) => ({ day, from: '08:00', to: '18:00' }));

/** The minutes since midnight of a time such as `08:30`. */
export function minuteOfDay(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}

function byTime(a: OpenTime, b: OpenTime): number {
  return weekdays.indexOf(a.day) - weekdays.indexOf(b.day) || minuteOfDay(a.from) - minuteOfDay(b.from);
}

function overlaps(before: OpenTime | undefined, time: OpenTime): boolean {
  return before?.day === time.day && before.to > time.from;
}

/** An appointment may lie across the place where two times touch. */
function joined(times: Week): Week {
  const week: OpenTime[] = [];
  for (const time of times) {
    const before = week.at(-1);
    if (before?.day === time.day && before.to === time.from)
      week[week.length - 1] = { ...before, to: time.to };
    else week.push(time);
  }
  return week;
}
