import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Zone } from './zone.js';

const berlin = new Zone('Europe/Berlin');

describe('a zone', () => {
  it.each([
    ['Europe/Berlin', [2025, 11, 24, 14 * 60], '2025-11-24T13:00:00.000Z'],
    ['Europe/Berlin', [2025, 7, 24, 14 * 60], '2025-07-24T12:00:00.000Z'],
    ['America/New_York', [2025, 11, 24, 14 * 60], '2025-11-24T19:00:00.000Z'],
    ['Asia/Kathmandu', [2025, 11, 24, 14 * 60], '2025-11-24T08:15:00.000Z'],
    ['Pacific/Apia', [2025, 11, 24, 60], '2025-11-23T12:00:00.000Z'],
    ['Europe/Berlin', [2028, 2, 29, 8 * 60], '2028-02-29T07:00:00.000Z'],
  ] as const)('in %s finds the instant of %j', (name, [year, month, day, minuteOfDay], instant) => {
    const zone = new Zone(name);

    expect(zone.instantOf({ year, month, day, minuteOfDay }).toISOString()).toBe(instant);
    expect(zone.wallTimeOf(new Date(instant))).toEqual({ year, month, day, minuteOfDay });
  });

  it('keeps eight o’clock at eight across both changes of the clock', () => {
    const eights = [29, 30, 31].map((day) =>
      berlin.instantOf({ year: 2025, month: 3, day, minuteOfDay: 480 }),
    );
    const autumn = [25, 26, 27].map((day) =>
      berlin.instantOf({ year: 2025, month: 10, day, minuteOfDay: 480 }),
    );

    expect(eights.map((at) => at.toISOString())).toEqual([
      '2025-03-29T07:00:00.000Z',
      '2025-03-30T06:00:00.000Z',
      '2025-03-31T06:00:00.000Z',
    ]);
    expect(autumn.map((at) => at.toISOString())).toEqual([
      '2025-10-25T06:00:00.000Z',
      '2025-10-26T07:00:00.000Z',
      '2025-10-27T07:00:00.000Z',
    ]);
  });

  it('takes what the clock skips in spring as that long after the change', () => {
    const skipped = berlin.instantOf({ year: 2025, month: 3, day: 30, minuteOfDay: 150 });

    expect(skipped.toISOString()).toBe('2025-03-30T01:30:00.000Z');
    expect(berlin.wallTimeOf(skipped).minuteOfDay).toBe(210);
  });

  it('takes what the clock shows twice in autumn as the first time', () => {
    const twice = berlin.instantOf({ year: 2025, month: 10, day: 26, minuteOfDay: 150 });

    expect(twice.toISOString()).toBe('2025-10-26T00:30:00.000Z');
  });

  it.each([
    ['2025-03-30T12:00:00Z', 23],
    ['2025-10-26T12:00:00Z', 25],
    ['2025-11-24T12:00:00Z', 24],
  ])('knows that the day of %s has %i hours', (noon, hours) => {
    const at = new Date(noon);

    expect(berlin.startOfDay(at, 1).getTime() - berlin.startOfDay(at).getTime()).toBe(hours * 3_600_000);
  });

  it('finds back every instant on a quarter of an hour, but for the hour that comes twice', () => {
    const quarters = fc.integer({ min: Date.UTC(2020) / 900_000, max: Date.UTC(2040) / 900_000 });
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(quarters, zones, (quarter, name) => {
        const zone = new Zone(name);
        const instant = new Date(quarter * 900_000);

        const found = zone.instantOf(zone.wallTimeOf(instant));

        expect(zone.wallTimeOf(found)).toEqual(zone.wallTimeOf(instant));
        expect(instant.getTime() - found.getTime()).toBeOneOf([0, 1_800_000, 3_600_000]);
      }),
      { numRuns: 300 },
    );
  });

  it('that doesn’t exist is refused', () => {
    expect(() => new Zone('Europe/Atlantis')).toThrow(RangeError);
  });
});
