import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RelayStats } from '../../library/relay/relay-stats.js';

/** The relay between nodes in numbers, looked up when somebody asks. */
export function lookUpRelay(numbers: Registry, stats: RelayStats): void {
  gauge('up', 'Whether the other nodes are in reach', () => Number(stats.isUp));
  gauge('channels', 'Channels that are listened to', () => stats.channels);
  counter('reconnects_total', 'How often the relay was back', () => stats.reconnects);
  counter('gaps_total', 'How often the numbers of a node showed that messages were lost', () => stats.gaps);
  counter(
    'foreign_total',
    'Messages that were heard for nobody here: more RELAY_USER_CHANNELS make them fewer',
    () => stats.foreign,
  );
  counted(
    'messages_total',
    'Messages that crossed, by direction and kind of address',
    ['direction', 'kind'],
    () =>
      [...stats.messages.entries()].map(([key, count]) => {
        const [direction = '', kind = ''] = key.split(' ');
        return { labels: { direction, kind }, count };
      }),
  );
  counted('bytes_total', 'Bytes of payloads', ['direction'], () =>
    [...stats.bytes.entries()].map(([direction, count]) => ({ labels: { direction }, count })),
  );
  counted('dropped_total', 'Messages that did not cross, or were passed over, by reason', ['reason'], () =>
    [...stats.dropped.entries()].map(([reason, count]) => ({ labels: { reason }, count })),
  );
  numbers.registerMetric(new LagHistogram(stats));

  function gauge(name: string, help: string, value: () => number): void {
    numbers.registerMetric(
      new Gauge({
        name: `carillon_relay_${name}`,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  }

  function counter(name: string, help: string, value: () => number): void {
    counted(name, help, [], () => [{ labels: {}, count: value() }]);
  }

  function counted(
    name: string,
    help: string,
    labelNames: readonly string[],
    values: () => readonly { readonly labels: Readonly<Record<string, string>>; readonly count: number }[],
  ): void {
    numbers.registerMetric(
      new Counter({
        name: `carillon_relay_${name}`,
        help,
        labelNames: [...labelNames],
        registers: [],
        collect() {
          this.reset();
          for (const { labels, count } of values()) this.inc(labels, count);
        },
      }),
    );
  }
}

const LAG = 'carillon_relay_lag_seconds';
const HELP = 'From the publishing of a message to its being heard, as far as the clocks of the nodes agree';

/** As prom-client's, but of values that were counted elsewhere. */
class LagHistogram extends Histogram<'le'> {
  constructor(private readonly stats: RelayStats) {
    super({
      name: LAG,
      help: HELP,
      buckets: [...stats.lag.bounds],
      registers: [],
    });
  }

  /** What the registry asks a histogram for. */
  async getForPromString(): Promise<object> {
    const { lag } = this.stats;
    const bucket = (le: number | '+Inf', value: number): object => ({
      labels: { le },
      value,
      metricName: `${LAG}_bucket`,
    });
    return {
      name: LAG,
      help: HELP,
      type: 'histogram',
      values: [
        ...lag.buckets().map(({ bound, count }) => bucket(bound, count)),
        bucket('+Inf', lag.count),
        { value: lag.sum, metricName: `${LAG}_sum` },
        { value: lag.count, metricName: `${LAG}_count` },
      ],
    };
  }
}
