import type { Zone } from './zone.js';

/** How far ahead times can be booked. */
export class Horizon {
  /** @param bookingDays how many days after today's a time can be booked */
  constructor(
    private readonly zone: Zone,
    private readonly bookingDays: number,
  ) {}

  /** The first instant that can't be booked yet. */
  at(now: Date): Date {
    return this.zone.startOfDay(now, this.bookingDays + 1);
  }

  /** The day before the horizon, as `YYYY-MM-DD`. */
  lastDayAt(now: Date): string {
    const { year, month, day } = this.zone.wallTimeOf(now);
    return new Date(Date.UTC(year, month - 1, day + this.bookingDays)).toISOString().slice(0, 10);
  }
}
