import type { Language } from '../words/language.js';
import type { Status } from './status.js';

/** An appointment in a calendar. */
export interface CalendarEvent {
  /** The same for ever, and nobody else's. */
  readonly uid: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** When it got this version. */
  readonly changedAt: Date;
  readonly version: number;
  readonly status: Status;
  readonly summary: string;
}

/** @see RFC 5545 */
export function iCalendar(name: string, events: readonly CalendarEvent[], language: Language): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//Carillon//Appointments//${language.toUpperCase()}`,
    'METHOD:PUBLISH',
    `NAME:${escaped(name)}`,
    // What calendars read that don't know RFC 7986's NAME.
    `X-WR-CALNAME:${escaped(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    ...events.flatMap(linesOf),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function linesOf(event: CalendarEvent): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${escaped(event.uid)}`,
    // Of what is published, when it was last changed (3.8.7.2).
    `DTSTAMP:${utc(event.changedAt)}`,
    `DTSTART:${utc(event.startsAt)}`,
    `DTEND:${utc(event.endsAt)}`,
    `SEQUENCE:${event.version}`,
    `STATUS:${statusOf(event.status)}`,
    `SUMMARY:${escaped(event.summary)}`,
    'CLASS:PRIVATE',
    'END:VEVENT',
  ];
}

function statusOf(status: Status): string {
  if (status === 'cancelled' || status === 'entered-in-error') return 'CANCELLED';
  return status === 'proposed' || status === 'pending' || status === 'waitlist' ? 'TENTATIVE' : 'CONFIRMED';
}

/** 3.3.5, form 2: `20261128T140000Z`. */
function utc(instant: Date): string {
  return instant.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** 3.3.11. A carriage return, or another control, has no place in a text. */
function escaped(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '')
    .replaceAll(/[\\;,]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`);
}

/** 3.1: no line is longer than 75 octets without its end; none is broken within a character. */
function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}
