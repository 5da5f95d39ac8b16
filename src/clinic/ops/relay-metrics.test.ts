import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { RelayStats } from '../../library/relay/relay-stats.js';
import { lookUpRelay } from './relay-metrics.js';

it('the relay is shown in numbers, as it is when somebody asks', async () => {
  const numbers = new Registry();
  const stats = new RelayStats();
  lookUpRelay(numbers, stats);
  await numbers.metrics();

  stats.isUp = true;
  stats.messages.add('sent topic', 3);
  stats.dropped.add('away', 2);
  stats.lag.add(0.002);
  stats.lag.add(20);
  const text = await numbers.metrics();

  expect(text).toContain('carillon_relay_up 1\n');
  expect(text).toContain('carillon_relay_messages_total{direction="sent",kind="topic"} 3\n');
  expect(text).toContain('carillon_relay_dropped_total{reason="away"} 2\n');
  expect(text).toContain('# TYPE carillon_relay_lag_seconds histogram\n');
  expect(text).toContain('carillon_relay_lag_seconds_bucket{le="0.001"} 0\n');
  expect(text).toContain('carillon_relay_lag_seconds_bucket{le="0.0025"} 1\n');
  expect(text).toContain('carillon_relay_lag_seconds_bucket{le="+Inf"} 2\n');
  expect(text).toContain('carillon_relay_lag_seconds_sum 20.002\n');
  expect(text).toContain('carillon_relay_lag_seconds_count 2\n');
});
