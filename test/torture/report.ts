import type { FaultKind } from './check.js';
import type { Outcome } from './torture.js';

/** The verdict, then what it rests on. */
export function report({ history, faults, tally }: Outcome): string {
  const count = (wanted: FaultKind): number => faults.filter(({ kind }) => kind === wanted).length;
  const answered = (wanted: string): number =>
    history.writes.filter(({ answer }) => answer === wanted).length;
  return [
    ...faults.slice(0, FAULTS_SHOWN).map(({ kind, what }) => `${kind}: ${what}`),
    `acknowledged ${answered('acknowledged')}, lost ${count('lost')}, phantom ${count('phantom')}, ` +
      `duplicated ${count('duplicated')}, reordered ${count('reordered')}, gaps ${count('gap')}`,
    `unanswered ${answered('unanswered')}, sent again with their key ${tally.repeats}, seen ${tally.sightings} by ${history.readings.length} readers`,
    `kills ${tally.kills}, cuts ${tally.cuts} (${tally.torn} in the middle of a write), stalls ${tally.stalls}`,
    `resumes: ${tally.verdicts.toString()}`,
    `connections: ${tally.connections.toString()}`,
    `refusals: ${tally.errors.toString()}`,
  ].join('\n');
}

const FAULTS_SHOWN = 20;
