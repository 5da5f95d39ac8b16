import { parseArgs } from 'node:util';
import { ownPostgres, ownRabbitmq, ownRedis, type Engine } from '../engines.js';
import type { FreshDatabase } from '../databases.js';
import { victims } from './nemesis.js';
import { plants } from './plant.js';
import { report } from './report.js';
import { torture } from './torture.js';

/**
 * `npm run torture -- --seconds 60 --seed 7 [--database postgres://…] [--nodes 3] [--relay postgres|redis|rabbitmq|none|<url>]
 * [--kill node,engine,line,database] [--plant <fault>]…`
 *
 * - `--database` names a database on whose server a new one is made for the run, and dropped after it. SQLite without,
 *   or the local PostgreSQL where there are several nodes.
 * - `--relay redis` and `rabbitmq` start an engine for the run, which `--kill engine` may kill; a URL names one that is
 *   there, such as `redis://…` or `amqp://…`. With `postgres` and `--kill engine` the database is on a server of the run.
 * - `--kill` says what goes wrong: `node` unless given.
 * - `--plant`, which may be given several times, does to one client what a server must never do: the run has to find it.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    database: { type: 'string' },
    nodes: { type: 'string', default: '1' },
    relay: { type: 'string' },
    kill: { type: 'string', default: 'node' },
    plant: { type: 'string', multiple: true, default: [] },
  },
});
const planted = values.plant.map((plant) =>
  oneOf('plant', Object.keys(plants) as (keyof typeof plants)[], plant),
);
const killed = values.kill.split(',').map((victim) => oneOf('kill', victims, victim));
const [seconds, seed, nodes] = [wholeNumber('seconds'), wholeNumber('seed'), wholeNumber('nodes')];
const engines = { redis: ownRedis, rabbitmq: ownRabbitmq, postgres: ownPostgres };

console.log(
  `torture: ${seconds} s with seed ${seed}, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}, relay ${values.relay ?? 'by default'}`,
);
const needsPostgres = nodes > 1 || values.relay !== undefined;
const databaseServer = values.database ?? (needsPostgres ? process.env.TEST_POSTGRES_URL : undefined);
const engine = await startEngine();
const database = await newDatabase();
try {
  const outcome = await torture({
    seconds,
    seed,
    nodes,
    engine,
    relayUrl: relayUrl(),
    victims: killed,
    plants: planted,
    databaseUrl: database?.url,
  });
  console.log(report(outcome));
  if (outcome.faults.length > 0) process.exitCode = 1;
} finally {
  await database?.drop();
  await engine?.end();
}
// Node 20 was seen to turn for ever in its own end, over what killed servers had left of sockets.
process.exit();

/** With a URL of its own PostgreSQL's line can be cut apart from the database. */
function relayUrl(): string | undefined {
  if (values.relay === 'postgres') return killed.includes('line') ? database?.url : 'postgres';
  return engine?.url ?? values.relay;
}

async function startEngine(): Promise<Engine | undefined> {
  // PostgreSQL has the database too, and is there already unless it is to be killed.
  if (values.relay === 'postgres' && !killed.includes('engine')) return undefined;
  const kind = Object.entries(engines).find(([name]) => name === values.relay)?.[1];
  if (kind?.isHere === false) throw new Error(kind.name);
  if (!kind && killed.includes('engine'))
    throw new RangeError(`--kill engine needs --relay ${Object.keys(engines).join(', ')}`);
  return kind?.start();
}

function wholeNumber(option: 'seconds' | 'seed' | 'nodes'): number {
  if (/^\d{1,6}$/.test(values[option])) return Number(values[option]);
  throw new RangeError(`--${option} is a whole number`);
}

function oneOf<T extends string>(option: string, known: readonly T[], given: string): T {
  const found = known.find((one) => one === given);
  if (found === undefined) throw new RangeError(`--${option} is one of ${known.join(', ')}`);
  return found;
}

async function newDatabase(): Promise<FreshDatabase | undefined> {
  if (databaseServer === undefined && !needsPostgres) return undefined;
  // Read when the module is loaded.
  const server = values.relay === 'postgres' ? (engine?.url ?? databaseServer) : databaseServer;
  if (server !== undefined) process.env.TEST_POSTGRES_URL = server;
  const { postgres } = await import('../databases.js');
  if (!postgres.isHere) throw new Error(postgres.name);
  return postgres.create();
}
