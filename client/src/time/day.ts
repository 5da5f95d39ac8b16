import { language } from '../words/language.js';
import { locale, say } from '../words/words.js';

/** A calendar day as YYYY-MM-DD: no time, no zone. */
export type Day = string;

const dayMs = 24 * 60 * 60 * 1_000;

/** The day on the wall calendar of a zone; without a zone, on the browser's. */
export function dayOf(instant: string | number, zone?: string): Day {
  return formatter('en-CA', { ...(zone !== undefined && { timeZone: zone }), dateStyle: 'short' }).format(
    new Date(instant),
  );
}

/** The day so many days later. */
export function shiftDay(day: Day, days: number): Day {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** Whether a text is a day of the calendar, `2026-01-05`. */
export function isDay(text: string): text is Day {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** "Saturday 21 November"; with the year when it is another than today's. */
export function longDay(day: Day, today: Day): string {
  const parts = { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long' } as const;
  const year = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  const words = formatter(locale(), { ...parts, ...year }).format(Date.parse(day));
  return language.get() === 'en' ? words.replace(',', '') : words;
}

/** "Today", "Tomorrow", "Yesterday", else undefined. */
export function nearDay(day: Day, today: Day): string | undefined {
  const near = nearness(day, today);
  return near && say(`time.${near}`);
}

/** The same, as a word for programs. */
export function nearness(day: Day, today: Day): 'today' | 'tomorrow' | 'yesterday' | undefined {
  if (day === today) return 'today';
  if (day === shiftDay(today, 1)) return 'tomorrow';
  if (day === shiftDay(today, -1)) return 'yesterday';
  return undefined;
}

/** "Mon 23 Nov". */
export function shortDay(day: Day): string {
  const words = formatter(locale(), { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });
  return words.format(Date.parse(day)).replace(',', '');
}

/** For a leaf of a calendar: "Sat", "21", "Nov". */
export function dayParts(day: Day): {
  readonly weekday: string;
  readonly number: string;
  readonly month: string;
} {
  const part = (options: Intl.DateTimeFormatOptions) =>
    formatter(locale(), { timeZone: 'UTC', ...options }).format(Date.parse(day));
  return {
    weekday: part({ weekday: 'short' }),
    number: part({ day: 'numeric' }),
    month: part({ month: 'short' }),
  };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than using it a hundred times. */
export function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let made = formatters.get(key);
  if (!made) formatters.set(key, (made = new Intl.DateTimeFormat(locale, options)));
  return made;
}
