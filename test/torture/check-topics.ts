import type { Faults } from './faults.js';
import type { Hearing, Publishing, TopicHistory, TopicSighting } from './history.js';

/** After a message that shows that others were missed, so long may it take to say so. */
const TOLD_WITHIN_MS = 5_000;

/**
 * Topics are at most once, and never silently: who asked is told that there may be a gap.
 * - `lost`: a subscription heard a later message of the same publisher, or went on to the end of the run, and wasn't told.
 * - `phantom`: nobody published it.
 * - `duplicated`, `reordered`: heard again, or after a later one of the same publisher.
 * - `foreign`: heard by a subscription whose destination it isn't, or under another address.
 */
export function checkTopics({ publishings, hearings }: TopicHistory, faults: Faults): void {
  const byPublisher = new Map(publishings.map((publishing) => [publishing.publisher, publishing]));
  for (const hearing of hearings) {
    checkMessages(hearing, byPublisher, faults);
    for (const publishing of publishings)
      if (covers(hearing.destination, publishing.address)) checkHoles(hearing, publishing, faults);
  }
}

function checkMessages(
  { subscriber, destination, sightings }: Hearing,
  publishings: ReadonlyMap<string, Publishing>,
  faults: Faults,
): void {
  const heard = new Map<string, Set<number>>();
  const last = new Map<string, number>();
  for (const sighting of sightings) {
    if (sighting.kind === 'gap') continue;
    const { publisher, number, address } = sighting;
    const what = `${subscriber} on ${destination} heard ${number} of ${publisher}`;
    const publishing = publishings.get(publisher);
    if (!publishing || !(number >= 1 && number <= publishing.sentAt.length)) {
      faults.add('phantom', `${what}, which nobody published`);
      continue;
    }
    if (address !== publishing.address || !covers(destination, address))
      faults.add('foreign', `${what}, which is of ${publishing.address}, as of ${address}`);
    const numbers = heard.get(publisher) ?? new Set();
    heard.set(publisher, numbers);
    const before = last.get(publisher) ?? 0;
    if (numbers.has(number)) faults.add('duplicated', `${what} again`);
    else if (number < before) faults.add('reordered', `${what} after ${before}`);
    numbers.add(number);
    last.set(publisher, Math.max(before, number));
  }
}

/** Numbers that the RECEIPT of SUBSCRIBE promised, and that didn't come though later ones did, or could have. */
function checkHoles(hearing: Hearing, { publisher, sentAt, isWhole }: Publishing, faults: Faults): void {
  const { subscriber, destination, since, sightings, hasStayed, endedAt } = hearing;
  const isOurs = (sighting: TopicSighting): boolean =>
    sighting.kind === 'message' && sighting.publisher === publisher;
  const missed = (after: number, before: number): number[] => {
    const numbers = [];
    for (let number = after + 1; number < before; number++)
      if ((sentAt[number - 1] ?? 0) > since) numbers.push(number);
    return numbers;
  };
  const report = (numbers: readonly number[], before: string): void => {
    if (numbers.length === 0) return;
    faults.add(
      'lost',
      `${subscriber} on ${destination} wasn't told that it missed ${numbers.join(', ')} of ${publisher} before ${before}`,
    );
  };

  let last = 0;
  /** Where in the sightings the last one was. */
  let lastPlace = -1;
  sightings.forEach((sighting, place) => {
    if (!isOurs(sighting) || sighting.kind === 'gap' || sighting.number <= last) return;
    const numbers = missed(last, sighting.number);
    if (numbers.length > 0) {
      const end = sighting.at + TOLD_WITHIN_MS;
      const isTold = sightings.slice(lastPlace + 1).some(({ kind, at }) => kind === 'gap' && at <= end);
      // Who left before they could be told knows that they missed something.
      const hasLeft = !hasStayed && endedAt < end;
      if (!isTold && !hasLeft) report(numbers, `${sighting.number}`);
    }
    last = sighting.number;
    lastPlace = place;
  });
  if (!hasStayed || !isWhole) return;
  if (!sightings.slice(lastPlace + 1).some(({ kind }) => kind === 'gap'))
    report(missed(last, sentAt.length + 1), 'the end');
}

/** Whether a subscription has the last message of a publisher, if it is for it at all. */
export function isHeardToTheEnd(
  { destination, sightings }: Hearing,
  { publisher, address, sentAt }: Publishing,
): boolean {
  if (!covers(destination, address)) return true;
  return sightings.some(
    (one) => one.kind === 'message' && one.publisher === publisher && one.number === sentAt.length,
  );
}

/** Of the patterns that the torture uses: an address as it is, or with `**` as its last segment. */
function covers(destination: string, address: string): boolean {
  return destination.endsWith('/**')
    ? address.startsWith(destination.slice(0, -'**'.length))
    : destination === address;
}
