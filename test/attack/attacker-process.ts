import { setPriority } from 'node:os';
import { Random } from '../torture/random.js';
import { Attacker } from './attacker.js';
import type { Job } from './job.js';
import { scenarioNamed } from './scenarios.js';

/** A process of its own, that yields to everybody: what it does to a node is done by what it sends. */
const NICEST = 19;

setPriority(NICEST);
process.on('message', (job: Job) => void attack(job));
// It isn't left behind.
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function attack(job: Job): Promise<void> {
  const attacker = new Attacker(job, new Random(job.seed).fork(job.scenario));
  await scenarioNamed(job.scenario).attack(attacker);
  await attacker.pause(Infinity);
  attacker.leave();
  process.send?.(attacker.spoils());
}
