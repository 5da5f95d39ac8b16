import type { Holdings } from './attacked-node.js';
import type { Outcome } from './outcome.js';

/** Over the victim's quiet p99, on two cores that all share. */
const HARM_MS = 100;
const HEAP_SHARE = 1.05;
/** What the engine keeps of code that ran for the first time is no stranger's. */
const HEAP_BYTES = 4 * 2 ** 20;
const RESIDENT_SHARE = 1.3;
/** Descriptors that come and go by themselves: of the victim's requests, of files that are read. */
const IDLE_DESCRIPTORS = 4;
/** What a node holds beyond its sockets, while it works. */
const WORKING_DESCRIPTORS = 100;

/** @returns what was promised of counts and isn't so; nothing where all is well */
export function missedCounts({ during, before, peak, after, spoils, hasEnded }: Outcome): string[] {
  const refused = Object.entries(during.refused).map(([answer, count]) => `the victim: ${answer} ×${count}`);
  const faults = Object.entries(spoils.answers)
    .filter(([answer]) => answer.startsWith('fault'))
    .map(([answer, count]) => `the attacker was answered ${answer} ×${count}`);
  return [
    ...(hasEnded ? ['the node has ended'] : []),
    ...refused,
    ...faults,
    ...over('descriptors', after.descriptors, before.descriptors + IDLE_DESCRIPTORS),
    ...over('connections', after.connections, before.connections),
    ...over(
      'descriptors during it',
      peak.descriptors,
      before.descriptors + spoils.sockets + WORKING_DESCRIPTORS,
    ),
    ...over('heap MB', megabytes(after.heapBytes), megabytes(heapLimit(before))),
  ];
}

/** What a busy machine may miss without a fault of the node. */
export function missedTimes({ scenario, quiet, during, before, after }: Outcome): string[] {
  if (scenario.isTimeless) return [];
  return [
    ...over('p99 ms', during.waits.p99, quiet.waits.p99 + HARM_MS),
    ...over('p99 ms of logins', during.logins.p99, quiet.logins.p99 + HARM_MS),
    ...over('RSS MB', megabytes(after.residentBytes), RESIDENT_SHARE * megabytes(before.residentBytes)),
  ];
}

export function hasGivenBack(before: Holdings, after: Holdings): boolean {
  return (
    after.descriptors <= before.descriptors + IDLE_DESCRIPTORS &&
    after.connections <= before.connections &&
    after.heapBytes <= heapLimit(before)
  );
}

function heapLimit({ heapBytes }: Holdings): number {
  return Math.max(HEAP_SHARE * heapBytes, heapBytes + HEAP_BYTES);
}

export function megabytes(bytes: number): number {
  return bytes / 2 ** 20;
}

function over(what: string, figure: number, limit: number): string[] {
  return figure <= limit ? [] : [`${what}: ${rounded(figure)}, at most ${rounded(limit)}`];
}

function rounded(figure: number): number {
  return Math.round(figure * 10) / 10;
}
