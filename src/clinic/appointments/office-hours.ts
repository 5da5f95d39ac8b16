import { cellMs } from './cell-length.js';
import type { WallTime, Zone } from './zone.js';

/** A span of a doctor's time. */
export interface Slot {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** When doctors see patients: from eight to six by the clinic's clock, every day. */
export class OfficeHours {
  /** @param bookingDays how many days after today's a time can be booked */
  constructor(
    readonly zone: Zone,
    private readonly bookingDays: number,
  ) {}

  /** The first instant that can't be booked yet. */
  horizonAt(now: Date): Date {
    return this.zone.startOfDay(now, this.bookingDays + 1);
  }

  /** The day before the horizon, as `YYYY-MM-DD`. */
  lastDayAt(now: Date): string {
    const { year, month, day } = this.zone.wallTimeOf(now);
    return new Date(Date.UTC(year, month - 1, day + this.bookingDays)).toISOString().slice(0, 10);
  }

  include({ startsAt, endsAt }: Slot): boolean {
    const start = this.zone.wallTimeOf(startsAt);
    const end = this.zone.wallTimeOf(endsAt);
    const isOneDay = start.year === end.year && start.month === end.month && start.day === end.day;
    return isOneDay && start.minuteOfDay >= opensAt && end.minuteOfDay <= closesAt;
  }

  /** All cells of a day, whether taken or not. */
  cellsOn(date: Omit<WallTime, 'minuteOfDay'>): Slot[] {
    const opens = this.zone.instantOf({ ...date, minuteOfDay: opensAt }).getTime();
    const closes = this.zone.instantOf({ ...date, minuteOfDay: closesAt }).getTime();
    return Array.from({ length: (closes - opens) / cellMs }, (_, i) => ({
      startsAt: new Date(opens + i * cellMs),
      endsAt: new Date(opens + (i + 1) * cellMs),
    }));
  }
}

const opensAt = 8 * 60;
const closesAt = 18 * 60;
