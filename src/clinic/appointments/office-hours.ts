import { cellMs } from './cell-length.js';
import { minuteOfDay, weekdays, type Week } from './week.js';
import type { WallTime, Zone } from './zone.js';

/** A span of a doctor's time. */
export interface Slot {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** A day of the calendar, in the clinic's zone. */
export type CalendarDay = Omit<WallTime, 'minuteOfDay'>;

/** When a doctor sees patients, by the clinic's clock. */
export class OfficeHours {
  readonly #openOn = new Map<string, readonly Slot[]>();

  /** @param timesOff those that touch the days that are asked about */
  constructor(
    readonly zone: Zone,
    private readonly week: Week,
    private readonly timesOff: readonly Slot[],
  ) {}

  /** Whether all of it lies in the hours of its weekday. */
  include({ startsAt, endsAt }: Slot): boolean {
    return this.#open(this.zone.wallTimeOf(startsAt)).some(
      (open) => open.startsAt <= startsAt && endsAt <= open.endsAt,
    );
  }

  /** Whether the doctor is away for some of it. */
  isAway({ startsAt, endsAt }: Slot): boolean {
    return this.timesOff.some((off) => off.startsAt < endsAt && startsAt < off.endsAt);
  }

  /** All cells of a day on which the doctor is there, whether taken or not. */
  cellsOn(date: CalendarDay): Slot[] {
    const cells = this.#open(date).flatMap(({ startsAt, endsAt }) => {
      const count = (endsAt.getTime() - startsAt.getTime()) / cellMs;
      return Array.from({ length: count }, (_, i) => ({
        startsAt: new Date(startsAt.getTime() + i * cellMs),
        endsAt: new Date(startsAt.getTime() + (i + 1) * cellMs),
      }));
    });
    return cells.filter((cell) => !this.isAway(cell));
  }

  /** For people: `between 08:00 and 12:00 or 14:00 and 18:00`. */
  describeDayOf(instant: Date): string {
    const times = this.#timesOn(this.zone.wallTimeOf(instant));
    if (times.length === 0) return 'on another day: the doctor sees nobody on that one';
    return `between ${times.map(({ from, to }) => `${from} and ${to}`).join(' or ')}`;
  }

  #open(date: CalendarDay): readonly Slot[] {
    const key = `${date.year}-${date.month}-${date.day}`;
    const known = this.#openOn.get(key);
    if (known) return known;
    const at = (time: string) => this.zone.instantOf({ ...date, minuteOfDay: minuteOfDay(time) });
    const open = this.#timesOn(date).map(({ from, to }) => ({ startsAt: at(from), endsAt: at(to) }));
    this.#openOn.set(key, open);
    return open;
  }

  #timesOn({ year, month, day }: CalendarDay): Week {
    // Monday is 1 there, and the first here.
    const weekday = weekdays[(new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7];
    return this.week.filter((time) => time.day === weekday);
  }
}
