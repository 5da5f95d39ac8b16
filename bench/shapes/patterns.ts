import { raisedSettings } from '../carillon-settings.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/patterns.js';
import { patternBrokers, startPeers } from '../peers.js';
import type { Row, Shape } from '../shape.js';
import { sideBySide, timesCarillon, type Comparison } from '../side-by-side.js';
import type { Target } from '../target.js';

const FEW = 100;
const MANY = 10_000;
const TOPICS = 1_000;
const BODY_BYTES = 100;
const WINDOW = 32;

export const patterns: Shape = {
  name: 'patterns',
  about:
    `One publisher and one subscriber of a pattern (\`/topic/bench.*\`, window ${WINDOW}, ${BODY_BYTES} bytes), while others are ` +
    `subscribed to patterns that don't match: ${FEW} of them, and ${MANY}, on ${TOPICS} topics (\`/topic/ward-7.*\`, ` +
    "`/topic/ward-7.**`; with dots, since `stomp-broker-js` knows no other patterns). CPU is the server's, per message, " +
    'its way in and out included.',
  aims: [`the same CPU with ${FEW} as with ${MANY}, within 20 %`],

  async run(options) {
    const { targets, skipped } = await startPeers(patternBrokers, options.peers);
    const measureAll = (bystanders: number): Promise<Comparison<Figures>> =>
      sideBySide(
        targets,
        options.repeat,
        (target) => measure(target, bystanders, options.seconds),
        (one) => one.cpuMicros,
      );
    try {
      const few = await measureAll(FEW);
      const many = await measureAll(options.clients ?? MANY);
      const measured = [...few.measured, ...many.measured];
      const rows = measured.map((one): Row => {
        const alike = measured.filter(({ bystanders }) => bystanders === one.bystanders);
        const withFew = few.measured.find(({ server }) => server === one.server);
        return {
          server: one.server,
          'other subscriptions': one.bystanders,
          'CPU µs per message': one.cpuMicros,
          [`times with ${FEW}`]: withFew ? one.cpuMicros / withFew.cpuMicros : Number.NaN,
          'times Carillon': timesCarillon(alike, one, ({ cpuMicros }) => cpuMicros),
          'p50 ms': one.latency.p50,
          'p99 ms': one.latency.p99,
          'load µs': one.loadMicros,
          delivered: one.deliveries,
          expected: one.messages,
        };
      });
      return {
        tables: [{ title: 'subscriptions that do not match', rows }],
        remarks: [raisedSettings, ...skipped, ...few.remarks, ...many.remarks],
      };
    } finally {
      await Promise.all(targets.map((target) => target.stop()));
    }
  },
};

type Figures = Awaited<ReturnType<typeof measure>>;

async function measure(target: Target, bystanders: number, seconds: number) {
  const load = await startLoad<typeof prepare>('patterns', {
    door: target.door,
    publisherDoor: target.publisherDoor ?? target.door,
    bystanders,
    topics: TOPICS,
    bodyBytes: BODY_BYTES,
    window: WINDOW,
    seconds,
  });
  const before = await target.read();
  const { messages, deliveries, latency, loadCpuMicros } = await load.run();
  const after = await target.read();
  await load.stop();
  return {
    bystanders,
    messages,
    deliveries,
    latency,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / deliveries,
    loadMicros: loadCpuMicros / deliveries,
  };
}
