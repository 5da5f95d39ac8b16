import type { Row } from './history.js';
import type { WireNotification, WireRow } from './streams/stream.js';

/** The body of `POST /api/notifications`: `event` is told with so many octets of text beside it. */
export function bodyOf(event: string, userId: number, fillerLength: number): object {
  return { userId, message: event, data: { fillerLength, filler: fillerOf(fillerLength) } };
}

/** The event of which `appointment.*` tells, at a time that no other event of that kind has. */
export function appointmentEvent(type: string, startsAt: string): string {
  return `${type} ${startsAt}`;
}

/** What a notification tells. One whose content isn't whole is another event, which nobody wrote. */
export function rowOf({ seq, id, type, message, data }: WireNotification): Row {
  return { seq, id, event: eventOf(type, message, data) };
}

/** What is said in a conversation to tell an event, with so many octets beside it. */
export function textOf(event: string, fillerLength: number): string {
  return `${event}|${fillerLength}|${fillerOf(fillerLength)}`;
}

/** What a message of a conversation tells. One whose text isn't whole is another event, which nobody said. */
export function messageRowOf({ seq, id, text }: WireRow & { readonly text: string }): Row {
  const [event = '', fillerLength, filler] = text.split('|');
  const isWhole = filler === fillerOf(Number(fillerLength));
  return { seq, id, event: isWhole ? event : `${event}, but garbled` };
}

function eventOf(type: string, message: string, data: Readonly<Record<string, unknown>>): string {
  if (type !== 'message') return appointmentEvent(type, String(data['startsAt']));
  const isWhole = data['filler'] === fillerOf(Number(data['fillerLength']));
  return isWhole ? message : `${message}, but garbled`;
}

/** Characters of one to four octets, so that a cut may fall into one. */
export function fillerOf(length: number): string {
  return 'a€ü𝄞'.repeat(Math.ceil(length / 10));
}
