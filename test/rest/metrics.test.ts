import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

let clinic: Clinic;
let operator: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_REFRESH_MS: '1' });
  operator = await signIn(clinic, 'operator');
});
afterAll(() => clinic.close());

describe('the metrics', () => {
  it('are text for Prometheus, for whoever asks', async () => {
    const answer = await fetch(`${clinic.url}/metrics`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const lines = (await answer.text()).trimEnd().split('\n');
    // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
    const sample =
      /^[a-z_][a-z0-9_]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?([\d.]+(e[-+]\d+)?|Nan|\+Inf)$/i;
    expect(lines.filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line))).toEqual([]);
    expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds '))).toBe(true);
  });

  it('follow connections, subscriptions and how sessions end', async () => {
    const connection = await connect(clinic, operator);
    await connection.subscribe('/topic/one');
    await connection.subscribe('/topic/two');
    const cut = new AbortController();
    await fetch(`${clinic.url}/api/notifications/stream`, {
      headers: { Authorization: `Bearer ${operator.token}` },
      signal: cut.signal,
    });

    expect(await numbers()).toMatchObject({
      carillon_sockets: 2,
      'carillon_connections{transport="websocket"}': 1,
      'carillon_connections{transport="sse"}': 1,
      carillon_subscriptions: 2,
      'carillon_sessions_total{transport="websocket"}': 1,
      'carillon_sessions_ended_total{reason="closed"}': 0,
      'carillon_sessions_ended_total{reason="slow_consumer"}': 0,
    });

    cut.abort();
    await connection.close();
    await expect.poll(async () => (await numbers())['carillon_sockets']).toBe(0);
    expect(await numbers()).toMatchObject({
      'carillon_connections{transport="websocket"}': 0,
      'carillon_connections{transport="sse"}': 0,
      carillon_subscriptions: 0,
      'carillon_sessions_ended_total{reason="closed"}': 1,
    });
  });

  it('name the code by which a session was ended', async () => {
    const connection = await connect(clinic, operator);

    void connection.subscribe('/user/somebody/queue/notifications');
    await connection.failed;

    await expect
      .poll(async () => (await numbers())['carillon_sessions_ended_total{reason="forbidden"}'])
      .toBe(1);
    await connection.close();
  });

  it('count what is published, and what queues hold', async () => {
    const connection = await connect(clinic, operator);
    const before = await numbers();

    await ask(`${clinic.url}/api/announcements`, { token: operator.token, body: { message: 'Hello' } });
    for (const text of ['one', 'two']) await connection.send('/queue/work', text);

    const after = await numbers();
    expect(after['carillon_queue_messages{queue="/queue/work"}']).toBe(2);
    expect(after['carillon_messages_published_total']! - before['carillon_messages_published_total']!).toBe(
      1,
    );
    await connection.close();
  });
});

async function numbers(): Promise<Record<string, number>> {
  const text = await (await fetch(`${clinic.url}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    samples.map((line): [string, number] => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end))];
    }),
  );
}
