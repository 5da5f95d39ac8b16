import { localeOf, type Language } from '../words/language.js';
import { say } from '../words/say.js';

/** A time for people, as a zone's clock shows it: `Monday 24 November 2025, 14:00–14:30 CET`. */
export function timeWords(
  language: Language,
  { zone, startsAt, endsAt }: { readonly zone: string; readonly startsAt: Date; readonly endsAt: Date },
): string {
  const format = new Intl.DateTimeFormat(localeOf[language], {
    timeZone: zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const partsOf = (instant: Date): Partial<Record<Intl.DateTimeFormatPartTypes, string>> =>
    Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const [from, to] = [partsOf(startsAt), partsOf(endsAt)];
  return say(language, 'time.span', {
    ...{ weekday: from.weekday ?? '', day: from.day ?? '', month: from.month ?? '', year: from.year ?? '' },
    from: `${from.hour}:${from.minute}`,
    to: `${to.hour}:${to.minute}`,
    zone: from.timeZoneName ?? '',
  });
}
