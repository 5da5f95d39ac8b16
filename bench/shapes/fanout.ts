import { startLoad } from '../load.js';
import type { prepare } from '../loads/fanout.js';
import type { Options } from '../options.js';
import { raisedSettings } from '../carillon-settings.js';
import { brokers, startPeers } from '../peers.js';
import type { Outcome, Row, Shape } from '../shape.js';
import { sideBySide, timesCarillon } from '../side-by-side.js';
import type { Target } from '../target.js';

interface Setting {
  readonly subscribers: number;
  readonly bodyBytes: number;
  readonly window: number;
}

/** Rarely enough to cost nothing. */
const LOOP_SAMPLED_MS = 10;

const scale: readonly Setting[] = [1, 32].flatMap((window) =>
  [100, 1_000].flatMap((subscribers) =>
    [100, 4_096].map((bodyBytes) => ({ subscribers, bodyBytes, window })),
  ),
);

export const fanout: Shape = {
  name: 'fanout',
  about:
    'One publisher, one topic, many subscribers. With window 1 each message is received by all before the next is ' +
    "sent; with window 32 so many are on their way. CPU is the server's, all its threads, per MESSAGE that arrived; " +
    'latency is from before the SEND to the MESSAGE, of every 25th subscriber; `load` is what the load itself cost ' +
    `for each delivery; \`loop\` is the delay of the server's event loop, with the sampling interval of ${LOOP_SAMPLED_MS} ms in it. ` +
    '`ws` is the floor: a bare `ws` server that copies what it is sent to all its sockets.',
  aims: [
    'window 1: at least 1.4 times less CPU than `stomp-broker-js`',
    'window 32, 100 bytes: at most 1.0 µs, 7 times less than `stomp-broker-js`, 30 times less than RabbitMQ',
  ],

  async run(options) {
    const { targets, skipped } = await startPeers(brokers, options.peers);
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

function titleOf({ subscribers, bodyBytes, window }: Setting): string {
  return `window ${window}, ${subscribers} subscribers, ${bodyBytes} bytes`;
}

function isAsked(setting: Setting, { only }: Options): boolean {
  return only === undefined || titleOf(setting).includes(only);
}

/** One table. */
async function compare(setting: Setting, targets: readonly Target[], options: Options): Promise<Outcome> {
  const { measured, remarks } = await sideBySide(
    targets,
    options.repeat,
    (target) => measure(target, setting, options.seconds),
    (one) => one.cpuMicros,
  );
  const rows = measured.map((one): Row => ({
    server: one.server,
    'CPU µs per delivery': one.cpuMicros,
    'times Carillon': timesCarillon(measured, one, ({ cpuMicros }) => cpuMicros),
    'deliveries/s': Math.round(one.perSecond),
    'p50 ms': one.latency.p50,
    'p99 ms': one.latency.p99,
    'max ms': one.latency.max,
    'loop p99.9 ms': one.loopP999Ms,
    'load µs': one.loadMicros,
    delivered: one.deliveries,
    expected: one.expected,
  }));
  const title = titleOf(setting);
  return { tables: [{ title, rows }], remarks: remarks.map((remark) => `${title}: ${remark}`) };
}

async function measure(target: Target, setting: Setting, seconds: number) {
  const load = await startLoad<typeof prepare>('fanout', {
    ...setting,
    door: target.door,
    seconds,
  });
  await target.watchLoop?.(LOOP_SAMPLED_MS);
  const before = await target.read();
  const { messages, deliveries, latency, loadCpuMicros, elapsedMs } = await load.run();
  const after = await target.read();
  await load.stop();
  return {
    deliveries,
    expected: messages * setting.subscribers,
    latency,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / deliveries,
    loadMicros: loadCpuMicros / deliveries,
    loopP999Ms: after.loopP999Ms ?? Number.NaN,
    perSecond: (deliveries / elapsedMs) * 1_000,
  };
}
