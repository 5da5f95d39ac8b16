import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventSource } from 'eventsource';
import { afterEach, expect, test } from 'vitest';
import { gapMessage } from '../broker/gap-message.js';
import type { Message } from '../broker/message.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { EventStream, type EventStreamOptions } from './event-stream.js';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A server that makes a stream of every request. */
async function serve(options: Partial<EventStreamOptions> = {}) {
  const clock = new FakeClock();
  const streams: EventStream[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response: ServerResponse) => {
    requests.push(request);
    streams.push(new EventStream(response, { limits, clock, ...options }));
    server.emit('stream');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const next = async (): Promise<EventStream> => {
    const stream = streams.shift();
    if (stream) return stream;
    await once(server, 'stream');
    return next();
  };
  return { clock, url, next, requests };
}

/** A reader of text, as curl is one. */
async function read(url: string) {
  const response = await fetch(url);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (end: string): Promise<string> => {
    while (!text.endsWith(end)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    return text;
  };
  return { headers: response.headers, until };
}

function message(headers: Record<string, string>, body: string): Message {
  return { id: '1', address: '/topic/x', headers: new Map(Object.entries(headers)), body: Buffer.from(body) };
}

test('a stream begins with its head and a retry, and is not cached, changed or collected on the way', async () => {
  const { url } = await serve();

  const { headers, until } = await read(url);

  expect(await until('\n')).toBe('retry: 3000\n');
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(headers.get('cache-control')).toBe('no-cache, no-transform');
  expect(headers.get('x-accel-buffering')).toBe('no');
});

test('a message becomes an event with its position as id and its type as name', async () => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.deliver({
    ...message({ 'event-type': 'appointment.created' }, '{"a":1}'),
    position: { epoch: 'e', seq: 7 },
  });

  expect(await until('}\n\n')).toContain('id: e:7\nevent: appointment.created\ndata: {"a":1}\n\n');
});

test('a message without position or type is an event of data alone', async () => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.deliver(message({}, 'hello'));

  expect(await until('hello\n\n')).toBe('retry: 3000\ndata: hello\n\n');
});

test('the owner may name the events', async () => {
  const { url, next } = await serve({ eventOf: () => 'notification' });
  const { until } = await read(url);
  const stream = await next();

  stream.deliver(message({ 'event-type': 'message' }, 'x'));

  expect(await until('x\n\n')).toContain('event: notification\n');
});

test.each(['one\ntwo', 'one\r\ntwo', 'one\rtwo'])('%j is two data lines', async (data) => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.event({ data });

  expect(await until('two\n\n')).toContain('data: one\ndata: two\n\n');
});

test('a sender cannot forge fields with line ends in a header', async () => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.deliver({
    ...message({ 'event-type': 'x\rretry: 0' }, 'true'),
    position: { epoch: 'e\ndata: forged', seq: 1 },
  });

  expect(await until('true\n\n')).toBe('retry: 3000\ndata: true\n\n');
});

test('a stock EventSource reads it, and comes back with the last id', async () => {
  const { url, next, requests } = await serve({ limits: { ...limits, sseRetryMs: 1 } });
  const source = new EventSource(url);
  closers.push(() => source.close());
  const stream = await next();

  const heard = new Promise<MessageEvent>((resolve) => source.addEventListener('notification', resolve));
  stream.event({ id: 'e:42', event: 'notification', data: 'one\ntwo' });
  expect(await heard).toMatchObject({ data: 'one\ntwo', lastEventId: 'e:42' });
  stream.end();
  await next();

  expect(requests.at(-1)?.headers['last-event-id']).toBe('e:42');
});

test('a heart-beat comment comes every interval', async () => {
  const { url, next, clock } = await serve();
  const { until } = await read(url);
  await next();
  await until('\n');

  clock.pass(limits.sseHeartbeatMs);
  expect(await until(': hb\n')).toContain(': hb\n');
  clock.pass(limits.sseHeartbeatMs);

  expect(await until(': hb\n: hb\n')).toContain(': hb\n: hb\n');
});

test('an end flushes, says retry, and ends the response', async () => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.event({ data: 'last' });
  stream.end();
  stream.event({ data: 'too late' });

  expect(await until('never')).toBe('retry: 3000\ndata: last\n\nretry: 3000\n');
});

test('a client that leaves closes the stream, and no timer is left', async () => {
  const { url, next, clock } = await serve();
  const request = get(url);
  await once(request, 'response');
  const stream = await next();

  request.destroy();
  await stream.closed;

  expect([clock.pending, stream.hasCapacity()]).toEqual([0, false]);
});

test('a client that does not read is cut at the limit, and room ends long before', async () => {
  const { url, next } = await serve({ limits: { ...limits, outboxBytes: 20e6, outboxSoftBytes: 4e6 } });
  const request = get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.pause();
  response.on('error', () => undefined);
  const stream = await next();
  const data = 'x'.repeat(1e6);
  let isClosed = false;
  void stream.closed.then(() => (isClosed = true));

  let sent = 0;
  while (stream.hasCapacity()) {
    stream.event({ data });
    sent += 1;
    await new Promise(setImmediate);
  }
  expect(isClosed).toBe(false);
  for (let i = 0; i < 20; i += 1) stream.event({ data });
  await stream.closed;

  expect(sent).toBeGreaterThan(0);
});

test.each([
  ['image/png', 'data:image/png;base64,AP/+'],
  ['text/plain; charset="x"', 'data:application/octet-stream;base64,AP/+'],
])('a body that is no text comes as a URL that says what it is: %s', async (type, data) => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.deliver({ ...message({ 'content-type': type }, ''), body: Buffer.from([0, 255, 254]) });

  expect(await until('\n\n')).toContain(`data: ${data}\n\n`);
  const fetched = await fetch(data);
  expect(Buffer.from(await fetched.arrayBuffer())).toEqual(Buffer.from([0, 255, 254]));
});

test('a text comes as it is, also where its letters have several bytes', async () => {
  const { url, next } = await serve();
  const { until } = await read(url);
  const stream = await next();

  stream.deliver(message({}, 'grüß Gott 🔔'));

  expect(await until('\n\n')).toContain('data: grüß Gott 🔔\n\n');
});

test('a gap is an event of its own, without an id', async () => {
  const { url, next } = await serve();
  const reading = read(url);
  const stream = await next();
  const { until } = await reading;

  stream.deliver(gapMessage('1', '/topic/prices', 0));

  expect(stream.hearsGaps).toBe(true);
  expect(await until('}\n\n')).toContain('event: gap\ndata: {"since":"1970-01-01T00:00:00.000Z"}');
});
