import type { OpenTime } from '../api/types.js';
import { say } from '../words/words.js';

/** Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A day of the week. */
export type Weekday = (typeof weekdays)[number];

/** Times that one day can have. */
export const maxTimes = 4;

/** A day's times as they are being typed. */
export type Times = readonly { readonly from: string; readonly to: string }[];
/** A week as it is being typed. */
export type EditedWeek = Readonly<Record<Weekday, Times>>;

/** The server's week, to be edited. */
export function editedWeek(items: readonly OpenTime[]): EditedWeek {
  const of = (day: Weekday): Times =>
    items.filter((time) => time.day === day).map(({ from, to }) => ({ from, to: shownEnd(to) }));
  return {
    mon: of('mon'),
    tue: of('tue'),
    wed: of('wed'),
    thu: of('thu'),
    fri: of('fri'),
    sat: of('sat'),
    sun: of('sun'),
  };
}

/** An edited week, as the server takes it. */
export function itemsOf(week: EditedWeek): OpenTime[] {
  return weekdays.flatMap((day) => week[day].map(({ from, to }) => ({ day, from, to: meantEnd(to) })));
}

/** What is wrong with a day; undefined when nothing is. */
export function faultOf(times: Times): string | undefined {
  const sorted = times
    .map(({ from, to }) => ({ from, to: meantEnd(to) }))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
  if (sorted.some(({ from, to }) => from === '' || to === '')) return say('hours.needs');
  if (sorted.some(({ from, to }) => from >= to)) return say('hours.ends');
  if (sorted.some(({ from }, i) => i > 0 && (sorted[i - 1]?.to ?? '') > from)) return say('hours.overlap');
  if (sorted.some(({ from, to }) => !isQuarter(from) || !isQuarter(to))) return say('hours.quarters');
  return undefined;
}

/** What a day gets when it has none, and what comes after what it has. */
export function withOneMore(times: Times): Times {
  const last = times.at(-1)?.to;
  if (last === undefined) return [{ from: '08:00', to: '18:00' }];
  return [
    ...times,
    {
      from: last,
      to: last < '22:00' ? `${String(Number(last.slice(0, 2)) + 2).padStart(2, '0')}:00` : '00:00',
    },
  ];
}

/** A field for a time of day knows no 24:00; what ends at 00:00 ends with the day. */
function shownEnd(to: string): string {
  return to === '24:00' ? '00:00' : to;
}

function meantEnd(to: string): string {
  return to === '00:00' ? '24:00' : to;
}

function isQuarter(time: string): boolean {
  return Number(time.slice(3)) % 15 === 0;
}
