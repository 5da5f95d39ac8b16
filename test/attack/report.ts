import { markdown } from '../../bench/report.js';
import { megabytes } from './aims.js';
import type { Outcome } from './outcome.js';

/** What it was to the victim, what the node held, and what the attacker was answered. */
export function report(outcomes: readonly Outcome[]): string {
  return [
    markdown({
      title: 'The victim: ms of its posts, looks at /livez and beats; of its logins',
      rows: outcomes.map(harm),
    }),
    markdown({ title: 'The node: before, at most during, after', rows: outcomes.map(holdings) }),
    markdown({ title: 'The attacker', rows: outcomes.map(spoils) }),
  ].join('\n\n');
}

function harm({ scenario, quiet, during }: Outcome) {
  return {
    scenario: nameOf(scenario),
    'quiet p50': quiet.waits.p50,
    p99: quiet.waits.p99,
    max: quiet.waits.max,
    'attacked p50': during.waits.p50,
    'p99 ': during.waits.p99,
    'max ': during.waits.max,
    'p99 on a core': during.waitsOnCore.p99,
    'login quiet': quiet.logins.p99,
    'login attacked': during.logins.p99,
    done: during.done,
    refused: Object.values(during.refused).reduce((sum, count) => sum + count, 0),
  };
}

function holdings({ scenario, before, peak, after, hasEnded }: Outcome) {
  const steps = (figures: readonly number[]) => figures.map((figure) => Math.round(figure)).join(' → ');
  return {
    scenario: nameOf(scenario),
    descriptors: steps([before.descriptors, peak.descriptors, after.descriptors]),
    sockets: steps([before.sockets, peak.sockets, after.sockets]),
    connections: steps([before.connections, after.connections]),
    'heap MB': steps([before.heapBytes, after.heapBytes].map(megabytes)),
    'RSS MB': steps([before.residentBytes, peak.residentBytes, after.residentBytes].map(megabytes)),
    restarts: hasEnded ? 1 : 0,
  };
}

function spoils({ scenario, spoils: { answers, sockets } }: Outcome) {
  const most = Object.entries(answers)
    .filter(([answer]) => !answer.startsWith('fault'))
    .toSorted(([, some], [, others]) => others - some);
  return {
    scenario: nameOf(scenario),
    sockets,
    accepted: most.reduce((sum, [answer, count]) => (/^[23]/.test(answer) ? sum + count : sum), 0),
    'refused or cut': most
      .filter(([answer]) => !/^[23]/.test(answer))
      .slice(0, ANSWERS_SHOWN)
      .map(([answer, count]) => `${answer} ×${count.toLocaleString('en')}`)
      .join(', '),
  };
}

function nameOf({ kind, name }: Outcome['scenario']): string {
  return `${kind}. ${name}`;
}

/** The most frequent. */
const ANSWERS_SHOWN = 6;
