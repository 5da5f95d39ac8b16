import { limits } from '../../src/library/limits.js';
import { lineFor } from '../../src/library/relay/line-for.js';
import type { LineEvents } from '../../src/library/relay/line.js';
import { Samples, median, type Summary } from '../figures.js';
import { startLoad } from '../load.js';
import { madeAt, type LineJob, type prepare } from '../loads/line.js';
import { now } from '../loads/timed-message.js';
import type { Options } from '../options.js';
import type { Row, Shape } from '../shape.js';

const BYTES = 300;
const RATE = 2_000;
const PATIENCE_MS = 10_000;

export const line: Shape = {
  name: 'line',
  about:
    'What carries messages between nodes, by itself: one process sends payloads of 300 bytes on one channel, another hears them. ' +
    'A hop is from before the send to the callback, at 2,000 a second; in a flood the sender sends as fast as the line takes it. ' +
    'CPU is that of the two processes for each payload of the flood, without the engine.',
  aims: ['a hop: p50 0.5 ms, p99 5 ms'],

  async run(options) {
    const engines = {
      PostgreSQL: options.postgres,
      Redis: 'redis://127.0.0.1:6379',
      RabbitMQ: 'amqp://guest:guest@127.0.0.1:5672',
    };
    const rows: Row[] = [];
    const remarks: string[] = [];
    for (const [engine, url] of Object.entries(engines)) {
      if (options.only !== undefined && !engine.includes(options.only)) continue;
      try {
        rows.push({ engine, ...(await measure(url, options)) });
      } catch (error) {
        remarks.push(`${engine} was skipped: ${(error as Error).message}`);
      }
    }
    return { tables: [{ title: `payloads of ${BYTES} bytes`, rows }], remarks };
  },
};

async function measure(url: string, { seconds, repeat }: Options): Promise<Row> {
  const hops: Heard[] = [];
  const floods: Heard[] = [];
  for (let round = 0; round < repeat; round += 1) {
    hops.push(await once(url, RATE, seconds));
    floods.push(await once(url, 'flood', seconds));
  }
  const hop = median(hops, ({ latency }) => latency.p50);
  const flood = median(floods, ({ rate }) => rate);
  return {
    'hop p50 ms': hop.latency.p50,
    'hop p99 ms': hop.latency.p99,
    'flood payloads/s': Math.round(flood.rate),
    'sender CPU µs': flood.senderMicros,
    'reader CPU µs': flood.readerMicros,
    sent: hop.sent + flood.sent,
    heard: hop.heard + flood.heard,
  };
}

interface Heard {
  readonly sent: number;
  readonly heard: number;
  readonly rate: number;
  readonly latency: Summary;
  readonly senderMicros: number;
  readonly readerMicros: number;
}

async function once(url: string, rate: LineJob['rate'], seconds: number): Promise<Heard> {
  const channel = `bench:${process.pid}:${Date.now()}`;
  const line = await lineFor(url, limits);
  const ear = new Ear();
  await line.open(ear);
  try {
    await line.listen([channel]);
    const load = await startLoad<typeof prepare>('line', { url, channel, bytes: BYTES, rate, seconds });
    const cpu = process.cpuUsage();
    const began = performance.now();
    const { sent, loadCpuMicros } = await load.run();
    await ear.until(sent);
    const elapsed = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    await load.stop();
    return {
      sent,
      heard: ear.count,
      rate: (ear.count / elapsed) * 1_000,
      latency: ear.hops.summary(),
      senderMicros: loadCpuMicros / sent,
      readerMicros: (user + system) / sent,
    };
  } finally {
    await line.close();
  }
}

class Ear implements LineEvents {
  readonly hops = new Samples();
  count = 0;
  #wake = (): void => {};
  #fail = (_cause: Error): void => {};

  heard(_channel: string, payload: Uint8Array): void {
    this.count += 1;
    this.hops.add(now() - madeAt(payload));
    this.#wake();
  }

  up(): void {}

  away(cause: Error): void {
    this.#fail(cause);
  }

  /** Resolves when so many were heard, or nothing came for a while: what an engine drops is gone. */
  async until(sent: number): Promise<void> {
    let patience: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      patience = setTimeout(resolve, PATIENCE_MS);
      this.#fail = reject;
      this.#wake = () => (this.count >= sent ? resolve() : patience?.refresh());
      this.#wake();
    });
    clearTimeout(patience);
  }
}
