/**
 * A time zone's wall clock: the only place that knows of offsets and of days that don't have 24 hours.
 * Days are counted with the proleptic Gregorian calendar of `Date.UTC`, months from 1.
 */
export class Zone {
  readonly #clock: Intl.DateTimeFormat;

  /** @param name IANA, such as `Europe/Berlin` @throws {RangeError} for a name that doesn't exist */
  constructor(readonly name: string) {
    this.#clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clock on the wall shows then. */
  wallTimeOf(instant: Date): WallTime {
    const shown = new Date(this.#shown(instant.getTime()));
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      minuteOfDay: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
    };
  }

  /**
   * When the clock shows that. What it shows twice, in autumn, is the first time; what it skips, in spring, is as
   * long after the skip as it would have been after its start. @param minuteOfDay, and `day`, may run over
   */
  instantOf({ year, month, day, minuteOfDay }: WallTime): Date {
    const wanted = Date.UTC(year, month - 1, day, 0, minuteOfDay);
    // The offsets of the day before and after: one of them holds, unless the clock skips just this.
    const before = wanted - this.#offset(wanted - DAY_MS);
    const after = wanted - this.#offset(wanted + DAY_MS);
    const first = [Math.min(before, after), Math.max(before, after)].find(
      (instant) => this.#shown(instant) === wanted,
    );
    return new Date(first ?? before);
  }

  /** When the day of this instant begins, or one some days later. */
  startOfDay(instant: Date, daysLater = 0): Date {
    const { year, month, day } = this.wallTimeOf(instant);
    return this.instantOf({ year, month, day: day + daysLater, minuteOfDay: 0 });
  }

  #offset(instant: number): number {
    return this.#shown(instant) - instant;
  }

  /** What the clock shows, as if it were UTC, so that it can be reckoned with. */
  #shown(instant: number): number {
    const part = Object.fromEntries(
      this.#clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  }
}

/** A place in the calendar, without a zone. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minuteOfDay: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
