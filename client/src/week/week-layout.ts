import type { Appointment, OpenTime, TimeOff } from '../api/types.js';
import { isGone } from '../appointments/appointment-list.js';
import { instantOf } from '../time/instant-of.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, shiftDay, type Day } from '../time/day.js';

/** The hours that a week shows, whatever there is in it: `from` and `to` in minutes of a day. */
export interface Frame {
  readonly from: number;
  readonly to: number;
}

/** Something of a day, in minutes of that day. */
export interface Block extends Frame {
  readonly key: string;
}

/** A day of a week, as it is drawn. */
export interface WeekDay {
  readonly day: Day;
  readonly open: readonly Block[];
  readonly off: readonly (Block & { readonly timeOff: TimeOff })[];
  /** Without those that hold no time. */
  readonly appointments: readonly (Block & {
    readonly appointment: Appointment;
    /** Outside of the hours, or in a time off. */
    readonly isMisplaced: boolean;
  })[];
}

interface Week {
  readonly monday: Day;
  readonly zone: string;
  readonly hours: readonly OpenTime[];
  readonly timesOff: readonly TimeOff[];
  readonly rows: readonly Appointment[];
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** Minutes of a day. */
export const fullDay = 24 * 60;

/** The Monday of the week that a day lies in. */
export function mondayOf(day: Day): Day {
  return shiftDay(day, -((new Date(Date.parse(day)).getUTCDay() + 6) % 7));
}

/** Each day of a week as it is to be drawn, by the clinic's clock. */
export function daysOf({ monday, zone, hours, timesOff, rows }: Week): readonly WeekDay[] {
  return weekdays.map((name, i) => {
    const day = shiftDay(monday, i);
    const open = hours
      .filter((time) => time.day === name)
      .map((time) => ({ key: time.from, from: minutes(time.from), to: minutes(time.to) }));
    const off = timesOff
      .map((timeOff) => ({ key: `off ${timeOff.id}`, timeOff, ...partOf(day, timeOff, zone) }))
      .filter(({ from, to }) => from < to);
    const appointments = rows
      .filter((row) => dayOf(row.startsAt, zone) === day && !isGone(row))
      .map((appointment) => {
        const part = partOf(day, appointment, zone);
        const isOpen = open.some(({ from, to }) => from <= part.from && part.to <= to);
        const isOff = off.some(({ from, to }) => from < part.to && part.from < to);
        return { key: String(appointment.id), appointment, ...part, isMisplaced: !isOpen || isOff };
      })
      .toSorted((a, b) => a.from - b.from);
    return { day, open, off, appointments };
  });
}

/** From the first to the last hour in which something is, at least from nine to five. */
export function frameOf(days: readonly WeekDay[]): Frame {
  const blocks = days.flatMap(({ open, appointments }) => [...open, ...appointments]);
  const from = Math.min(9 * 60, ...blocks.map((block) => block.from));
  const to = Math.max(17 * 60, ...blocks.map((block) => block.to));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
}

/** "09:05", for a minute of a day. */
export function timeAt(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function partOf(day: Day, span: { readonly startsAt: string; readonly endsAt: string }, zone: string): Frame {
  const [start, end] = [Date.parse(span.startsAt), Date.parse(span.endsAt)];
  const [midnight, next] = [instantOf(day, '00:00', zone), instantOf(day, '24:00', zone)];
  if (end <= midnight || start >= next) return { from: 0, to: 0 };
  return {
    from: start <= midnight ? 0 : minutes(clockTime(start, zone)),
    to: end >= next ? fullDay : minutes(clockTime(end, zone)),
  };
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
