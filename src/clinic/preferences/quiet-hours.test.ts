import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Zone } from '../appointments/zone.js';
import { quietUntil } from './quiet-hours.js';

const night = { from: '22:00', to: '07:00', zone: 'Europe/Berlin' };

describe('quiet hours', () => {
  it.each([
    ['2026-01-10T20:59:00Z', undefined, 'the minute before'],
    ['2026-01-10T21:00:00Z', '2026-01-11T06:00:00.000Z', 'the first minute'],
    ['2026-01-11T00:30:00Z', '2026-01-11T06:00:00.000Z', 'after midnight'],
    ['2026-01-11T06:00:00Z', undefined, 'the first minute after'],
    ['2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z', 'a night of eight hours, in spring'],
    ['2026-10-24T21:00:00Z', '2026-10-25T06:00:00.000Z', 'a night of ten hours, in autumn'],
  ])('over midnight: %s is quiet until %s (%s)', (instant, until, _why) => {
    expect(quietUntil(night, new Date(instant))?.toISOString()).toBe(until);
  });

  it('end the first time that the clock shows their end', () => {
    const hours = { ...night, to: '02:30' };

    const untilFirst = quietUntil(hours, new Date('2026-10-25T00:15:00Z'));
    const inSecond = quietUntil(hours, new Date('2026-10-25T01:15:00Z'));

    expect([untilFirst?.toISOString(), inSecond]).toEqual(['2026-10-25T00:30:00.000Z', undefined]);
  });

  it.each([
    ['2026-01-10T11:59:00Z', undefined],
    ['2026-01-10T12:00:00Z', '2026-01-10T13:00:00.000Z'],
    ['2026-01-10T13:00:00Z', undefined],
  ])('within a day: %s is quiet until %s', (instant, until) => {
    const nap = { from: '13:00', to: '14:00', zone: 'Europe/Berlin' };

    expect(quietUntil(nap, new Date(instant))?.toISOString()).toBe(until);
  });

  it('end within a day and an hour, and are over then', () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
    const year = { min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true };

    fc.assert(
      fc.property(minute, minute, zone, fc.date(year), (from, to, name, instant) => {
        fc.pre(from !== to);
        const hours = { from: timeOf(from), to: timeOf(to), zone: name };

        const until = quietUntil(hours, instant);

        if (until === undefined) return true;
        const { minuteOfDay } = new Zone(name).wallTimeOf(until);
        const hasEnded = quietUntil(hours, until) === undefined;
        return hasEnded && until > instant && +until - +instant <= 25 * 3_600_000 && minuteOfDay >= 0;
      }),
    );
  });
});

function timeOf(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
