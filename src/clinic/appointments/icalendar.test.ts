import { describe, expect, it } from 'vitest';
import { iCalendar, type CalendarEvent } from './icalendar.js';
import type { Status } from './status.js';

const event: CalendarEvent = {
  uid: 'appointment-1@here.carillon',
  startsAt: new Date('2026-11-28T13:00:00Z'),
  endsAt: new Date('2026-11-28T13:30:00Z'),
  changedAt: new Date('2026-11-20T08:01:02.345Z'),
  version: 3,
  status: 'booked',
  summary: 'Appointment with Dr. Amara Osei',
};

describe('a calendar', () => {
  it('ends each line with CR LF, and nests an event in it (RFC 5545, 3.1, 3.4)', () => {
    const text = iCalendar('Appointments', [event], 'en');

    expect(text.split('\r\n')).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Carillon//Appointments//EN',
      'METHOD:PUBLISH',
      'NAME:Appointments',
      'X-WR-CALNAME:Appointments',
      'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
      'BEGIN:VEVENT',
      'UID:appointment-1@here.carillon',
      'DTSTAMP:20261120T080102Z',
      'DTSTART:20261128T130000Z',
      'DTEND:20261128T133000Z',
      'SEQUENCE:3',
      'STATUS:CONFIRMED',
      'SUMMARY:Appointment with Dr. Amara Osei',
      'CLASS:PRIVATE',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]);
  });

  it.each<[Status, string]>([
    ['proposed', 'TENTATIVE'],
    ['waitlist', 'TENTATIVE'],
    ['booked', 'CONFIRMED'],
    ['noshow', 'CONFIRMED'],
    ['cancelled', 'CANCELLED'],
    ['entered-in-error', 'CANCELLED'],
  ])('shows %s as %s (3.8.1.11)', (status, shown) => {
    expect(iCalendar('', [{ ...event, status }], 'en')).toContain(`\r\nSTATUS:${shown}\r\n`);
  });

  it.each([
    ['a;b', String.raw`a\;b`],
    ['a,b', String.raw`a\,b`],
    [String.raw`a\b`, String.raw`a\\b`],
    ['a\r\nb\nc\rd', String.raw`a\nb\nc\nd`],
    ['END:VEVENT\r\nBEGIN:VALARM', String.raw`END:VEVENT\nBEGIN:VALARM`],
    ['a\u0000\u0007b', 'ab'],
  ])('escapes %j to %j (3.3.11)', (summary, written) => {
    expect(iCalendar('', [{ ...event, summary }], 'en')).toContain(`\r\nSUMMARY:${written}\r\n`);
  });

  it.each(['x'.repeat(500), 'ö'.repeat(200), '👩🏽‍⚕️'.repeat(40), '日本語'.repeat(60)])(
    'folds lines of more than 75 octets, between characters (3.1): %s',
    (summary) => {
      const text = iCalendar('', [{ ...event, summary }], 'en');

      const lines = text.split('\r\n');
      expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
      expect(text.replaceAll('\r\n ', '')).toContain(`\r\nSUMMARY:${summary}\r\n`);
    },
  );
});
