import { parseArgs } from 'node:util';
import { machine } from '../../bench/machine.js';
import { stopServers } from '../server.js';
import { Random } from '../torture/random.js';
import { Attack } from './attack.js';
import { missedCounts, missedTimes } from './aims.js';
import type { Outcome } from './outcome.js';
import { record } from './record.js';
import { report } from './report.js';
import type { Scenario } from './scenario.js';
import { chosenFrom, scenarios, trials } from './scenarios.js';
import type { Trial } from './trial.js';

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
const names = values.only?.split(',');
const chosen = names ? chosenFrom(scenarios, names) : scenarios;
const tried = names ? chosenFrom(trials, names) : trials;
const [seed, seconds, minutes] = [wholeNumber('seed'), wholeNumber('seconds'), wholeNumber('minutes')];
const outcomes = new Map<string, Outcome>();
let missed = 0;
try {
  if (chosen.length > 0) await attackAll();
  // One that was tried once says no more when it is tried again.
  for (const trial of tried) {
    const faults = await trial.run(new Random(seed).fork(trial.name));
    missed += faults.length;
    tell(trial, faults);
  }
} finally {
  await stopServers();
}

const table = report([...outcomes.values()]);
if (outcomes.size > 0) console.log(`\n${table}`);
if (values.record) await record(`${table}\n\n${await conditions()}`);
if (missed > 0) process.exitCode = 1;

async function attackAll(): Promise<void> {
  const attack = await Attack.begin({
    seed,
    seconds,
    repeat: wholeNumber('repeat'),
    heapMegabytes: values.heap === undefined ? undefined : wholeNumber('heap'),
  });
  const end = performance.now() + minutes * 60_000;
  try {
    let round = 0;
    do {
      for (const scenario of chosen) {
        if (attack.hasEnded) return;
        const outcome = await attack.perform(scenario, round);
        outcomes.set(scenario.name, outcome);
        const [counts, times] = [missedCounts(outcome), missedTimes(outcome)];
        missed += counts.length + (process.env['CI'] ? 0 : times.length);
        tell(scenario, [...counts, ...times]);
      }
      round += 1;
    } while (performance.now() < end);
  } finally {
    if (attack.hasEnded) console.log(attack.log.slice(-3_000));
    await attack.end();
  }
}

function tell({ kind, name }: Scenario | Trial, faults: readonly string[]): void {
  console.log(`${kind}. ${name}, seed ${seed}:${faults.map((what) => `\n  ${what}`).join('') || ' stood'}`);
}

async function conditions(): Promise<string> {
  const { cpu, cores, node, commit } = await machine();
  return `_${cpu}, ${cores} cores for all of them together, Node ${node}, commit ${commit}; seed ${seed}, ${seconds} s each._`;
}

function wholeNumber(option: 'seed' | 'seconds' | 'repeat' | 'heap' | 'minutes'): number {
  if (/^\d{1,6}$/.test(values[option] ?? '')) return Number(values[option]);
  throw new RangeError(`--${option} is a whole number`);
}
