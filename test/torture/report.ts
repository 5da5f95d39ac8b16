import type { FaultKind } from './faults.js';
import type { Outcome } from './torture.js';

/** The verdict, then what it rests on. */
export function report({ history, faults, tally, leftInQueues }: Outcome): string {
  const count = (wanted: FaultKind): number => faults.filter(({ kind }) => kind === wanted).length;
  const answered = (wanted: string): number =>
    history.writes.filter(({ answer }) => answer === wanted).length;
  const published = history.topics.publishings.reduce((sum, { sentAt }) => sum + sentAt.length, 0);
  const { puts } = history.queues;
  return [
    ...faults.slice(0, FAULTS_SHOWN).map(({ kind, what }) => `${kind}: ${what}`),
    `acknowledged ${answered('acknowledged')}, lost ${count('lost')}, phantom ${count('phantom')}, ` +
      `duplicated ${count('duplicated')}, reordered ${count('reordered')}, gaps ${count('gap')}, ` +
      `foreign ${count('foreign')}, resets ${count('reset')}`,
    `unanswered ${answered('unanswered')}, sent again with their key ${tally.repeats}, seen ${tally.sightings} by ${history.readings.length} readers`,
    `topics: published ${published}, heard ${tally.heard}, gaps told ${tally.gapSignals}`,
    `queues: put ${puts.length} (acknowledged ${puts.filter(({ isAcknowledged }) => isAcknowledged).length}), delivered ${tally.deliveries.toString()}`,
    ...leftInQueues.map(
      ({ queue, owner, messages }) =>
        `left in ${queue}: ${messages}, ${owner === null ? 'free' : `held by ${owner}`}`,
    ),
    `trouble: ${tally.strikes.toString()}`,
    `cuts ${tally.cuts} (${tally.torn} in the middle of a write), stalls ${tally.stalls}`,
    `resumes: ${tally.verdicts.toString()}`,
    `connections: ${tally.connections.toString()}`,
    `refusals: ${tally.errors.toString()}`,
  ].join('\n');
}

const FAULTS_SHOWN = 20;
