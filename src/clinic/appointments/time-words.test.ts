import { expect, it } from 'vitest';
import { timeWords } from './time-words.js';

it.each([
  ['en', '2025-11-24T13:00:00Z', 'Monday 24 November 2025, 14:00–14:30 CET'],
  ['en', '2025-07-24T12:00:00Z', 'Thursday 24 July 2025, 14:00–14:30 CEST'],
  ['de', '2025-11-24T13:00:00Z', 'Montag, 24. November 2025, 14:00–14:30 Uhr MEZ'],
  ['de', '2025-07-24T12:00:00Z', 'Donnerstag, 24. Juli 2025, 14:00–14:30 Uhr MESZ'],
] as const)('in %s, %s is %s, with the zone as it is called on that day', (language, instant, words) => {
  const startsAt = new Date(instant);
  const endsAt = new Date(startsAt.getTime() + 1_800_000);

  expect(timeWords(language, { zone: 'Europe/Berlin', startsAt, endsAt })).toBe(words);
});
