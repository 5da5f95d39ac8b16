import { parseArgs } from 'node:util';
import { faultKinds } from './check.js';
import { report } from './report.js';
import { torture } from './torture.js';

/**
 * `npm run torture -- --seconds 60 --seed 7 [--database postgres://…] [--plant lost|phantom|duplicated|reordered|gap]`
 *
 * `--database` names a database on whose server a new one is made for the run, and dropped after it. `--plant`, which
 * may be given several times, does to one reader what a server must never do: the run has to find it.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    database: { type: 'string' },
    plant: { type: 'string', multiple: true, default: [] },
  },
});
const plants = values.plant.map((plant) => {
  const kind = faultKinds.find((known) => known === plant);
  if (!kind) throw new RangeError(`--plant is one of ${faultKinds.join(', ')}`);
  return kind;
});
const [seconds, seed] = [wholeNumber('seconds'), wholeNumber('seed')];

console.log(`torture: ${seconds} s with seed ${seed}`);
const database = values.database === undefined ? undefined : await newPostgres(values.database);
try {
  const outcome = await torture({ seconds, seed, plants, ...(database && { databaseUrl: database.url }) });
  console.log(report(outcome));
  if (outcome.faults.length > 0) process.exitCode = 1;
} finally {
  await database?.drop();
}

function wholeNumber(option: 'seconds' | 'seed'): number {
  if (/^\d{1,6}$/.test(values[option])) return Number(values[option]);
  throw new RangeError(`--${option} is a whole number`);
}

async function newPostgres(url: string) {
  // Read when the module is loaded.
  process.env.TEST_POSTGRES_URL = url;
  const { postgres } = await import('../databases.js');
  if (!postgres.isHere) throw new Error(postgres.name);
  return postgres.create();
}
