import { parseArgs } from 'node:util';
import { machine } from '../../bench/machine.js';
import { stopServers } from '../server.js';
import { Attack } from './attack.js';
import { missedCounts, missedTimes } from './aims.js';
import type { Outcome } from './outcome.js';
import { record } from './record.js';
import { report } from './report.js';
import { scenarios, scenariosNamed } from './scenarios.js';

/**
 * `npm run attack -- [--seed 7] [--only pipelining,4] [--seconds 10] [--repeat 3] [--heap 512] [--minutes 10] [--record]`
 *
 * Each scenario by itself, on one node; with `--minutes` all of them again and again until the time is over. Exit code 1
 * where an aim is missed: of counts always, of times unless CI is set.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    repeat: { type: 'string', default: '1' },
    heap: { type: 'string' },
    minutes: { type: 'string', default: '0' },
    record: { type: 'boolean', default: false },
  },
});
const chosen = values.only === undefined ? scenarios : scenariosNamed(values.only.split(','));
const [seed, seconds, minutes] = [wholeNumber('seed'), wholeNumber('seconds'), wholeNumber('minutes')];
const attack = await Attack.begin({
  seed,
  seconds,
  repeat: wholeNumber('repeat'),
  heapMegabytes: values.heap === undefined ? undefined : wholeNumber('heap'),
});
const outcomes = new Map<string, Outcome>();
const end = performance.now() + minutes * 60_000;
let missed = 0;
try {
  let round = 0;
  do {
    for (const scenario of chosen) {
      if (attack.hasEnded) break;
      const outcome = await attack.perform(scenario, round);
      outcomes.set(scenario.name, outcome);
      tell(outcome);
    }
    round += 1;
  } while (performance.now() < end && !attack.hasEnded);
} finally {
  if (attack.hasEnded) console.log(attack.log.slice(-3_000));
  await attack.end();
  await stopServers();
}

const table = report([...outcomes.values()]);
console.log(`\n${table}`);
if (values.record) await record(`${table}\n\n${await conditions()}`);
if (missed > 0) process.exitCode = 1;

function tell(outcome: Outcome): void {
  const [counts, times] = [missedCounts(outcome), missedTimes(outcome)];
  missed += counts.length + (process.env['CI'] ? 0 : times.length);
  const verdict = [...counts, ...times].map((what) => `\n  ${what}`).join('') || ' stood';
  console.log(`${outcome.scenario.kind}. ${outcome.scenario.name}, seed ${seed}:${verdict}`);
}

async function conditions(): Promise<string> {
  const { cpu, cores, node, commit } = await machine();
  return `_${cpu}, ${cores} cores for all of them together, Node ${node}, commit ${commit}; seed ${seed}, ${seconds} s each._`;
}

function wholeNumber(option: 'seed' | 'seconds' | 'repeat' | 'heap' | 'minutes'): number {
  if (/^\d{1,6}$/.test(values[option] ?? '')) return Number(values[option]);
  throw new RangeError(`--${option} is a whole number`);
}
