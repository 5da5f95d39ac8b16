import { describe, expect, it } from 'vitest';
import { ago, clockTime, dayAndTime, until } from './clock-time.js';
import { dayOf, isDay, longDay, nearDay, shiftDay } from './day.js';
import { zoneNote } from './zone-note.js';

const berlin = 'Europe/Berlin';

describe('a day', () => {
  it('is the clinic’s, not the browser’s: late in London is tomorrow in Berlin', () => {
    expect(dayOf('2026-11-21T23:30:00Z', berlin)).toBe('2026-11-22');
    expect(dayOf('2026-11-21T23:30:00Z', 'Europe/London')).toBe('2026-11-21');
  });

  it('moves over the ends of months, leap days and the changes of the clock', () => {
    expect(shiftDay('2028-02-28', 1)).toBe('2028-02-29');
    expect(shiftDay('2026-12-31', 1)).toBe('2027-01-01');
    expect(shiftDay('2026-03-29', 1)).toBe('2026-03-30');
    expect(shiftDay('2026-10-26', -1)).toBe('2026-10-25');
  });

  it('is said with its year only when that is another', () => {
    expect(longDay('2026-11-21', '2026-01-01')).toBe('Saturday 21 November');
    expect(longDay('2027-01-02', '2026-11-21')).toBe('Saturday 2 January 2027');
  });

  it('has a name when it is near', () => {
    expect(nearDay('2026-11-22', '2026-11-21')).toBe('Tomorrow');
    expect(nearDay('2026-11-23', '2026-11-21')).toBeUndefined();
  });

  it.each(['2026-13-01', 'today', '2026-1-1'])('is not %j', (text) => expect(isDay(text)).toBe(false));
});

describe('a time', () => {
  it('follows the clinic’s clock through both changes of the year', () => {
    expect(clockTime('2026-07-01T12:00:00Z', berlin)).toBe('14:00');
    expect(clockTime('2026-12-01T12:00:00Z', berlin)).toBe('13:00');
  });

  it('is told with its day', () => {
    const now = Date.parse('2026-11-21T08:00:00Z');
    expect(dayAndTime('2026-11-21T13:00:00Z', berlin, now)).toBe('today at 14:00');
    expect(dayAndTime('2026-11-23T13:00:00Z', berlin, now)).toBe('Monday 23 November at 14:00');
  });

  it('is counted down within a day', () => {
    const now = Date.parse('2026-11-21T08:00:00Z');
    expect(until('2026-11-21T08:11:30Z', now)).toBe('in 12 min');
    expect(until('2026-11-21T11:00:00Z', now)).toBe('in 3 h');
    expect(until('2026-11-21T07:00:00Z', now)).toBeUndefined();
    expect(until('2026-11-23T08:00:00Z', now)).toBeUndefined();
  });

  it('that is fresh is told by its age', () => {
    const now = Date.parse('2026-11-21T08:00:00Z');
    expect(ago('2026-11-21T07:59:40Z', now)).toBe('just now');
    expect(ago('2026-11-21T07:56:00Z', now)).toBe('4 min ago');
  });
});

describe('the zone', () => {
  const summer = Date.parse('2026-07-01T12:00:00Z');

  it('is said when the reader’s clock differs', () => {
    expect(zoneNote(berlin, summer, 'America/New_York')).toBe(
      'Times are the clinic’s: Europe/Berlin, GMT+02:00',
    );
  });

  it('is not said when both clocks show the same', () => {
    expect(zoneNote(berlin, summer, 'Europe/Paris')).toBeUndefined();
  });

  it('is said in the season in which they differ', () => {
    const winter = Date.parse('2026-12-01T12:00:00Z');
    expect(zoneNote('Europe/London', winter, 'Africa/Abidjan')).toBeUndefined();
    expect(zoneNote('Europe/London', summer, 'Africa/Abidjan')).toBe(
      'Times are the clinic’s: Europe/London, GMT+01:00',
    );
    expect(zoneNote(berlin, winter, 'Africa/Lagos')).toBeUndefined();
    expect(zoneNote(berlin, Date.parse('2027-04-15T08:00:00Z'), 'Africa/Lagos')).toContain('GMT+02:00');
  });
});
