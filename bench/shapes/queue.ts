import { startLoad } from '../load.js';
import type { prepare } from '../loads/queue.js';
import { raisedSettings } from '../carillon-settings.js';
import type { Options } from '../options.js';
import { durableBrokers, startPeers } from '../peers.js';
import type { Outcome, Row, Shape } from '../shape.js';
import { sideBySide, timesCarillon } from '../side-by-side.js';
import type { Target } from '../target.js';

interface Setting {
  readonly publishers: number;
  readonly window: number;
}

const BODY_BYTES = 100;

const scale: readonly Setting[] = [1, 64].flatMap((publishers) =>
  [1, 32].map((window) => ({ publishers, window })),
);

export const queue: Shape = {
  name: 'queue',
  about:
    `Durable SENDs of ${BODY_BYTES} bytes with \`receipt\` to one queue without consumers. A publisher keeps so many SENDs ` +
    'without RECEIPT as its window says: 1 shows the latency, 32 the rate. Carillon has stored a message with an fsync ' +
    "when it answers, as RabbitMQ has for a persistent message in a durable queue (publisher confirms). CPU is the server's, " +
    'all its threads, per message.',
  aims: ["64 publishers: at least twice RabbitMQ's rate"],

  async run(options) {
    const { targets, skipped } = await startPeers(durableBrokers, options.peers);
    try {
      const outcomes: Outcome[] = [];
      for (const setting of scale.filter((one) => isAsked(one, options)))
        outcomes.push(await compare(setting, targets, options));
      const tables = outcomes.flatMap((outcome) => outcome.tables);
      const remarks = [...skipped, ...outcomes.flatMap((outcome) => outcome.remarks)];
      return { tables, remarks: [raisedSettings, ...remarks] };
    } finally {
      await Promise.all(targets.map((target) => target.stop()));
    }
  },
};

function titleOf({ publishers, window }: Setting): string {
  return `${publishers} ${publishers === 1 ? 'publisher' : 'publishers'}, window ${window}`;
}

function isAsked(setting: Setting, { only }: Options): boolean {
  return only === undefined || titleOf(setting).includes(only);
}

async function compare(setting: Setting, targets: readonly Target[], options: Options): Promise<Outcome> {
  const { measured, remarks } = await sideBySide(
    targets,
    options.repeat,
    (target) => measure(target, setting, options.seconds),
    (one) => one.perSecond,
  );
  const rows = measured.map((one): Row => ({
    server: one.server,
    'messages/s': Math.round(one.perSecond),
    'times Carillon': timesCarillon(measured, one, ({ perSecond }) => perSecond),
    'p50 ms': one.latency.p50,
    'p99 ms': one.latency.p99,
    'max ms': one.latency.max,
    'CPU µs': one.cpuMicros,
    'load µs': one.loadMicros,
    sends: one.sends,
    receipts: one.receipts,
  }));
  const title = titleOf(setting);
  return { tables: [{ title, rows }], remarks: remarks.map((remark) => `${title}: ${remark}`) };
}

/** Each time a queue of its own: what a longer one costs is another question. */
async function measure(target: Target, setting: Setting, seconds: number) {
  const destination = `/queue/bench-${Date.now()}`;
  const load = await startLoad<typeof prepare>('queue', {
    ...setting,
    door: target.door,
    headers: { destination, ...target.queueHeaders },
    bodyBytes: BODY_BYTES,
    seconds,
  });
  const before = await target.read();
  const { sends, receipts, latency, loadCpuMicros, elapsedMs } = await load.run();
  const after = await target.read();
  await load.stop();
  return {
    sends,
    receipts,
    latency,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / receipts,
    loadMicros: loadCpuMicros / receipts,
    perSecond: (receipts / elapsedMs) * 1_000,
  };
}
