import { median } from '../figures.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/connect.js';
import type { Options } from '../options.js';
import { raisedSettings } from '../carillon-settings.js';
import { receiptingBrokers, startPeers } from '../peers.js';
import type { Outcome, Row, Shape } from '../shape.js';
import { sideBySide, timesCarillon, type Comparison } from '../side-by-side.js';
import type { Target } from '../target.js';

const AT_ONCE = 100;

/** A server that uses a tenth of a core does nothing. */
const IDLE_MS = 200;
const IDLE_MICROS = 20_000;

interface Storm {
  readonly title: string;
  readonly connections: number;
  /** The server has had as many before: its code is compiled, as that of one that has run for a while is. */
  readonly isWarm?: true;
}

const storms: readonly Storm[] = [
  { title: '500 connections', connections: 500 },
  { title: '5000 connections', connections: 5_000 },
  { title: '5000 connections, after as many that have gone', connections: 5_000, isWarm: true },
];

export const connect: Shape = {
  name: 'connect',
  about:
    `A storm of connections, ${AT_ONCE} of them being made at once: WebSocket handshake, CONNECT (Carillon: with a JWT, each of a user of his own), ` +
    'SUBSCRIBE and its RECEIPT, which is what `p50` and `p99` wait for. Memory is resident, before and after, so that it ' +
    'includes garbage that was not collected yet; those who come after others get what these have left. `idle` is what the server then uses of a core, with nothing going on. ' +
    '`stomp-broker-js` answers SUBSCRIBE with no RECEIPT and is left out.',
  aims: ['3,000 connections/s, none refused in a storm of 5,000'],

  async run(options) {
    const outcomes: Outcome[] = [];
    const { only = '' } = options;
    for (const storm of storms.filter(({ title }) => title.includes(only)))
      outcomes.push(await compare(storm, options));
    return {
      tables: outcomes.flatMap(({ tables }) => tables),
      remarks: [raisedSettings, ...new Set(outcomes.flatMap(({ remarks }) => remarks))],
    };
  },
};

async function compare(storm: Storm, options: Options): Promise<Outcome> {
  const { title, connections } = storm;
  const rounds: Comparison<Figures>[] = [];
  for (let round = 0; round < options.repeat; round++) rounds.push(await measureAll(storm, options));
  const all = rounds.flatMap(({ measured }) => measured);
  const servers = [...new Set(all.map(({ server }) => server))];
  const measured = servers.map((name) =>
    median(
      all.filter(({ server }) => server === name),
      ({ cpuMicros }) => cpuMicros,
    ),
  );
  const rows = measured.map((one): Row => ({
    server: one.server,
    'connections/s': Math.round(one.perSecond),
    'CPU µs': one.cpuMicros,
    'times Carillon': timesCarillon(measured, one, ({ cpuMicros }) => cpuMicros),
    'p50 ms': one.latency.p50,
    'p99 ms': one.latency.p99,
    'KiB each': one.kibEach,
    'idle % of a core': one.idlePercent,
    'load µs': one.loadMicros,
    connected: one.connected,
    expected: connections,
  }));
  return { tables: [{ title, rows }], remarks: rounds.flatMap(({ remarks }) => remarks) };
}

/** On fresh servers each time: memory that was used before isn't given back, and code is compiled by then. */
async function measureAll(
  { title, connections, isWarm }: Storm,
  options: Options,
): Promise<Comparison<Figures>> {
  const { targets, skipped } = await startPeers(receiptingBrokers, options.peers, connections);
  try {
    const { measured, remarks } = await sideBySide(
      targets,
      1,
      async (target) => {
        if (isWarm) await warmUp(target, connections);
        return measure(target, connections, options.seconds);
      },
      (one) => one.cpuMicros,
    );
    return { measured, remarks: [...skipped, ...remarks.map((remark) => `${title}: ${remark}`)] };
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
  }
}

async function warmUp(target: Target, connections: number): Promise<void> {
  await measure(target, connections, 0);
  // Until those who left are seen off.
  for (let spentMicros = Infinity; spentMicros > IDLE_MICROS;) {
    const before = await target.read();
    await new Promise((done) => setTimeout(done, IDLE_MS));
    spentMicros = (await target.read()).cpuMicros - before.cpuMicros;
  }
}

type Figures = Awaited<ReturnType<typeof measure>>;

async function measure(target: Target, connections: number, seconds: number) {
  const load = await startLoad<typeof prepare>('connect', {
    door: target.door,
    connections,
    atOnce: AT_ONCE,
  });
  const before = await target.read();
  const { connected, latency, elapsedMs, loadCpuMicros } = await load.run();
  const after = await target.read();
  await new Promise((done) => setTimeout(done, seconds * 1_000));
  const idle = await target.read();
  await load.stop();
  return {
    connected,
    latency,
    perSecond: (connected / elapsedMs) * 1_000,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / connected,
    loadMicros: loadCpuMicros / connected,
    kibEach: (after.residentBytes - before.residentBytes) / connected / 1024,
    idlePercent: ((idle.cpuMicros - after.cpuMicros) / (seconds * 1e6)) * 100,
  };
}
