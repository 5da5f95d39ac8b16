import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Client, type IMessage } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Recorders, type Recorder } from '../../../test/recorder.js';
import { TransportNode, type TransportNodeOptions } from '../../../test/transport-node.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: TransportNodeOptions = {}): Promise<TransportNode> {
  const node = await TransportNode.start(options);
  ends.push(() => node.stop());
  return node;
}

/** A node whose sessions say nothing, and one session on it, opened by hand: `o` was read. */
async function open(options: TransportNodeOptions = {}, session = `s${Math.random()}`.replace('.', '')) {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open, ...options });
  const path = `/ws/000/${session}`;
  expect(await poll(node, path)).toBe('o\n');
  return { node, path, recorder: await recorders.next(), recorders };
}

async function poll(node: TransportNode, path: string): Promise<string> {
  return (await fetch(node.url(`${path}/xhr`), { method: 'POST' })).text();
}

async function post(node: TransportNode, path: string, body: string): Promise<number> {
  const response = await fetch(node.url(`${path}/xhr_send`), { method: 'POST', body });
  await response.arrayBuffer();
  return response.status;
}

/** A response whose body is read piece by piece. */
async function stream(node: TransportNode, path: string, method = 'GET') {
  const outgoing = request(node.url(path), { method }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  ends.push(() => outgoing.destroy());
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
    response.emit('piece');
  });
  response.on('end', () => response.emit('piece'));
  const until = async (isMet: (text: string) => boolean): Promise<string> => {
    while (!isMet(text) && !response.complete) await once(response, 'piece');
    return text;
  };
  return { response, until, close: () => outgoing.destroy() };
}

test.each(['websocket', 'xhr-streaming', 'xhr-polling', 'eventsource'])(
  'stock stompjs over stock sockjs-client speaks STOMP over %s',
  async (transport) => {
    const node = await start();
    const bodies: string[] = [];
    const client = new Client({
      webSocketFactory: () => new SockJS(node.url('/ws'), undefined, { transports: [transport] }),
      connectHeaders: { login: 'ada' },
      reconnectDelay: 0,
    });
    ends.push(() => client.deactivate());
    const done = new Promise<void>((resolve) => {
      client.onConnect = () => {
        client.watchForReceipt('subscribed', () => {
          for (let i = 0; i < 300; i += 1) {
            client.publish({ destination: '/topic/x', body: `${i} "grüße" \u2028 \ud83d\udd14 </script>` });
          }
        });
        const take = ({ body }: IMessage): void => {
          if (bodies.push(body) === 300) resolve();
        };
        client.subscribe('/topic/x', take, { receipt: 'subscribed' });
      };
    });
    client.activate();
    await done;

    expect(bodies).toEqual(
      Array.from({ length: 300 }, (_, i) => `${i} "grüße" \u2028 \ud83d\udd14 </script>`),
    );
  },
);

test.each(['websocket', 'xhr-streaming', 'xhr-polling'])(
  'a close arrives over %s with its code',
  async (transport) => {
    const node = await start();
    const socket = new SockJS(node.url('/ws'), undefined, { transports: [transport] });
    ends.push(() => socket.close());
    const messages: string[] = [];
    socket.addEventListener('open', () => socket.send('SEND\ndestination:/topic/x\n\n\0'));
    socket.addEventListener('message', (event) =>
      messages.push((event as unknown as { readonly data: string }).data),
    );

    const closed = await new Promise((resolve) => socket.addEventListener('close', resolve));

    expect(messages.join('')).toMatch(/^ERROR\n[^]*code:not_connected\n/);
    expect(closed).toMatchObject({ code: 4400, reason: 'not_connected' });
  },
);

test('a STOMP frame can be typed by hand in SockJS’s WebSocket framing', async () => {
  const node = await start();
  const socket = new WebSocket(node.url('/ws/000/abcd1234/websocket', 'ws'));
  ends.push(() => socket.terminate());
  const messages: string[] = [];
  socket.on('message', (bytes: Buffer) => {
    messages.push(bytes.toString());
    if (messages.length === 1) socket.send(String.raw`["CONNECT\naccept-version:1.2\nlogin:ada\n\n\u0000"]`);
    if (messages.length === 2) socket.send(String.raw`"DISCONNECT\nreceipt:1\n\n\u0000"`);
  });
  await once(socket, 'close');

  expect(messages[0]).toBe('o');
  expect(messages[1]).toMatch(/^a\["CONNECTED\\n.*\\u0000"\]$/);
  expect(messages[2]).toBe(String.raw`a["RECEIPT\nreceipt-id:1\n\n\u0000"]`);
  expect(messages[3]).toBe('c[1000,""]');
});

test.each(['not json', '["a", 1]', '{"a":1}', '1'])(
  'a WebSocket message %j is broken framing',
  async (message) => {
    const node = await start();
    const socket = new WebSocket(node.url('/ws/000/abcd1234/websocket', 'ws'));
    const messages: string[] = [];
    socket.on('message', (bytes: Buffer) => messages.push(bytes.toString()));
    await once(socket, 'message');

    socket.send(message);
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];

    expect([code, reason.toString()]).toEqual([3000, 'Broken framing.']);
    expect(messages.at(-1)).toBe('c[3000,"Broken framing."]');
  },
);

test('the WebSocket of an idle session beats', async () => {
  const node = await start({ openSession: new Recorders().open, limits: { sockjsHeartbeatMs: 10 } });
  const socket = new WebSocket(node.url('/ws/000/abcd1234/websocket', 'ws'));
  ends.push(() => socket.terminate());

  const messages: string[] = [];
  socket.on('message', (bytes: Buffer) => messages.push(bytes.toString()));
  while (messages.length < 3) await once(socket, 'message');

  expect(messages).toEqual(['o', 'h', 'h']);
});

test('frames that come together leave as one array, escaped as sockjs-node escapes', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const socket = new WebSocket(node.url('/ws/000/abcd1234/websocket', 'ws'));
  ends.push(() => socket.terminate());
  await once(socket, 'message');
  const { wire } = await recorders.next();
  const messages: string[] = [];
  socket.on('message', (bytes: Buffer) => messages.push(bytes.toString()));

  // It leaves by itself, and shows that those behind it come together.
  wire.send(Buffer.from('first'));
  wire.send(Buffer.from('a\n\0'));
  wire.send(Buffer.from('"\u200d\u2028\ufffe\ud83d\udd14"'));
  while (messages.length < 2) await once(socket, 'message');

  expect(messages[1]).toBe(String.raw`a["a\n\u0000","\"\u200d\u2028\ufffe\ud83d\udd14\""]`);
});

test('what waits for a polling client waits in our outbox, and arrives with the next poll as one', async () => {
  const { node, path, recorder } = await open();

  for (const frame of ['one', 'two', 'three']) recorder.wire.send(Buffer.from(frame));
  await new Promise(setImmediate);

  expect(await poll(node, path)).toBe('a["one","two","three"]\n');
});

test('a poll that waits is answered by the first frame', async () => {
  const { node, path, recorder } = await open();
  const answer = poll(node, path);
  await recorder.until(({ beats }) => beats === 2);

  recorder.wire.send(Buffer.from('one'));
  recorder.wire.send(Buffer.from('two'));

  expect(await answer).toBe('a["one"]\n');
  expect(await poll(node, path)).toBe('a["two"]\n');
});

test('a polling client that does not poll has no room, overflows, and hears why', async () => {
  const { node, path, recorder } = await open({ limits: { outboxBytes: 1_000, outboxSoftBytes: 400 } });

  recorder.wire.send(Buffer.alloc(100, 'x'));
  expect(recorder.wire.hasCapacity()).toBe(false);
  for (let i = 0; i < 10; i += 1) recorder.wire.send(Buffer.alloc(100, 'x'));
  expect(recorder.losses).toEqual(['slow_consumer']);

  expect(await poll(node, path)).toBe('c[4408,"slow_consumer"]\n');
});

test('a poll takes no more than a response may hold; the rest has room again afterwards', async () => {
  const { node, path, recorder } = await open({ limits: { outboxSoftBytes: 400_000 } });
  for (let i = 0; i < 30; i += 1) recorder.wire.send(Buffer.alloc(10_000, 'x'));
  let rooms = 0;
  recorder.wire.onCapacity(() => (rooms += 1));

  const first = (await poll(node, path)).length;
  expect(rooms).toBe(0);
  const second = (await poll(node, path)).length;
  const third = (await poll(node, path)).length;

  expect(first).toBeGreaterThan(128 * 1024);
  expect(first).toBeLessThan(200_000);
  expect(first + second + third).toBeGreaterThan(300_000);
  expect(rooms).toBe(1);
});

test('a polling session whose client stays away is lost', async () => {
  const { recorder, node } = await open({ limits: { sockjsDisconnectMs: 20 } });

  await recorder.until(({ losses }) => losses.length > 0);

  expect([recorder.losses, node.transports.connections.count]).toEqual([['closed'], 0]);
});

test('a streaming client that leaves is lost at once', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const { close, until } = await stream(node, '/ws/000/leaves/xhr_streaming', 'POST');
  const recorder = await recorders.next();
  await until((text) => text.endsWith('o\n'));

  close();
  await recorder.until(({ losses }) => losses.length > 0);

  expect(recorder.losses).toEqual(['closed']);
});

test('a streaming client that does not read overflows our outbox, and its socket is cut', async () => {
  const recorders = new Recorders();
  const limits = { outboxBytes: 1_000_000, closeMs: 50, sockjsResponseBytes: 1e9, sockjsDisconnectMs: 100 };
  const node = await start({ openSession: recorders.open, limits });
  const { response } = await stream(node, '/ws/000/slow/xhr_streaming', 'POST');
  response.pause();
  response.on('error', () => undefined);
  const recorder = await recorders.next();

  while (recorder.losses.length === 0) {
    recorder.wire.send(Buffer.alloc(100_000, 'x'));
    await new Promise(setImmediate);
  }
  await recorder.until(({ losses }) => losses.length === 2);

  expect(recorder.losses).toEqual(['slow_consumer', 'closed']);
  expect(node.transports.connections.count).toBe(0);
});

test('a response that its client does not read counts as waiting, though it is complete', async () => {
  const limits = { outboxBytes: 40_000_000, outboxSoftBytes: 4_000_000, sockjsResponseBytes: 1e9 };
  const { node, path, recorder } = await open({ limits });
  for (let i = 0; i < 30; i += 1) recorder.wire.send(Buffer.alloc(1_000_000, 'x'));
  const { response } = await stream(node, `${path}/xhr`, 'POST');
  response.pause();
  response.on('error', () => undefined);
  await recorder.until(({ beats }) => beats === 2);

  expect(recorder.wire.hasCapacity()).toBe(false);
  for (let i = 0; i < 30; i += 1) recorder.wire.send(Buffer.alloc(1_000_000, 'x'));

  expect(recorder.losses).toEqual(['slow_consumer']);
});

test('a second request that waits is told that another connection is open, and the first goes on', async () => {
  const { node, path, recorder } = await open();
  const first = poll(node, path);
  await recorder.until(({ beats }) => beats === 2);

  expect(await poll(node, path)).toBe('c[2010,"Another connection still open"]\n');
  recorder.wire.send(Buffer.from('one'));

  expect(await first).toBe('a["one"]\n');
});

test('messages of a post arrive as one piece, cut wherever the client cut them', async () => {
  const { node, path, recorder } = await open();

  expect(await post(node, path, '["CON","NECT\\n","\\n\\u0000"]')).toBe(204);

  expect(recorder.received).toBe('CONNECT\n\n\0');
});

test.each([
  ['', 400],
  ['nonsense', 400],
  ['{}', 400],
])('a post of %j is answered with %i, and the session lives', async (body, status) => {
  const { node, path, recorder } = await open();

  expect(await post(node, path, body)).toBe(status);
  expect(await post(node, path, '["x"]')).toBe(204);

  expect([recorder.received, recorder.losses]).toEqual(['x', []]);
});

test('a post of something else than strings is broken framing', async () => {
  const { node, path, recorder } = await open();

  await post(node, path, '["a",1]');

  expect(recorder.losses).toEqual(['malformed_frame']);
  expect(await poll(node, path)).toBe('c[3000,"Broken framing."]\n');
});

test('a post to a session that does not exist is 404', async () => {
  expect(await post(await start(), '/ws/000/nobody', '["x"]')).toBe(404);
});

/** Posts without a content-length. */
async function postChunked(node: TransportNode, path: string, bytes: number): Promise<number> {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('["'));
      for (let left = bytes - 4; left > 0; left -= 10)
        controller.enqueue(Buffer.alloc(Math.min(10, left), 'x'));
      controller.enqueue(Buffer.from('"]'));
      controller.close();
    },
  });
  const options: RequestInit = {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'content-type': 'text/plain' },
  };
  const response = await fetch(node.url(`${path}/xhr_send`), options);
  await response.arrayBuffer();
  return response.status;
}

test.each([
  [999, 204],
  [1_000, 204],
  [1_001, 413],
])('with a limit of 1,000 bytes a post of %i is answered with %i', async (bytes, status) => {
  const { node, path, recorder } = await open({ limits: { sockjsPostBytes: 1_000 } });

  expect(await post(node, path, `["${'x'.repeat(bytes - 4)}"]`)).toBe(status);
  expect(await postChunked(node, path, bytes)).toBe(status);

  expect(recorder.received.length).toBe(status === 204 ? 2 * (bytes - 4) : 0);
});

test('a post over the limit is 413 before it is read, also where there is no session', async () => {
  const node = await start();
  const outgoing = request(node.url('/ws/000/nobody/xhr_send'), {
    method: 'POST',
    headers: { 'content-length': '9000000' },
  });
  outgoing.on('error', () => undefined);
  outgoing.flushHeaders();
  ends.push(() => outgoing.destroy());

  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];

  expect(response.statusCode).toBe(413);
});

test('what a paused session leaves unread is bounded over all its posts', async () => {
  const { node, path, recorder } = await open({ limits: { sockjsPostBytes: 1_000 } });
  const six = `["${'x'.repeat(600)}"]`;
  recorder.wire.pause();

  expect(await post(node, path, six)).toBe(204);
  expect(recorder.received).toBe('');
  expect(await post(node, path, six)).toBe(429);
  expect(recorder.endings).toEqual(['rate_limited']);
  recorder.wire.resume();
  expect(await post(node, path, six)).toBe(204);

  expect(recorder.received.length).toBe(1_200);
});

test('eventsource streams, by hand', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const { response, until } = await stream(node, '/ws/000/es/eventsource');
  const { wire } = await recorders.next();

  wire.send(Buffer.from('x\n\0'));

  expect(await until((text) => text.includes('a['))).toBe(
    '\r\ndata: o\r\n\r\ndata: a["x\\n\\u0000"]\r\n\r\n',
  );
  expect(response.headers['content-type']).toBe('text/event-stream');
});

test('jsonp polls and posts, by hand', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const get = async (): Promise<string> => (await fetch(node.url('/ws/000/jp/jsonp?c=cb'))).text();
  expect(await get()).toBe('/**/cb("o");\r\n');
  const recorder = await recorders.next();

  const sent = await fetch(node.url('/ws/000/jp/jsonp_send'), {
    method: 'POST',
    body: new URLSearchParams({ d: '["hello"]' }),
  });
  recorder.wire.send(Buffer.from('one'));
  recorder.wire.send(Buffer.from('two'));

  expect([sent.status, await sent.text(), recorder.received]).toEqual([200, 'ok', 'hello']);
  expect(await get()).toBe(String.raw`/**/cb("a[\"one\",\"two\"]");` + '\r\n');
});

test('frames for a jsonp client survive a request that is refused', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const get = async (callback: string) => fetch(node.url(`/ws/000/jr/jsonp?c=${callback}`));
  await get('cb');
  const recorder = await recorders.next();
  recorder.wire.send(Buffer.from('one'));

  expect((await get('a(b)')).status).toBe(400);
  recorder.wire.send(Buffer.from('two'));

  expect(await (await get('cb')).text()).toBe(String.raw`/**/cb("a[\"one\",\"two\"]");` + '\r\n');
});

test('htmlfile streams, and a message cannot end its script', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const { until } = await stream(node, '/ws/000/hf/htmlfile?c=parent_callback');
  const { wire } = await recorders.next();

  wire.send(Buffer.from('</script><script>steal()</script>'));
  const page = await until((text) => text.includes('steal'));

  expect(page).toContain('var c = parent.parent_callback;');
  const [, message = ''] = /p\(("a.*")\);/.exec(page) ?? [];
  expect(message).not.toContain('<');
  expect(JSON.parse(message)).toBe('a["</script><script>steal()</script>"]');
});

test('info says that WebSocket is there and that no cookie is needed', async () => {
  const node = await start();

  const response = await fetch(node.url('/ws/info'));

  expect(await response.json()).toMatchObject({ websocket: true, cookie_needed: false });
  expect(response.headers.get('cache-control')).toContain('no-store');
});

test('the iframe page loads the client from this server, and only pages that may speak to it may hold it', async () => {
  const node = await start({ origins: ['https://clinic.example'] });

  const page = await fetch(node.url('/ws/iframe.html'));
  const script = await fetch(new URL('sockjs.min.js', page.url));

  expect(await page.text()).toContain('<script src="sockjs.min.js"></script>');
  expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self' https://clinic.example");
  expect([script.status, (await script.text()).startsWith('/* sockjs-client v1.6.1')]).toEqual([200, true]);
});

const everyUrl = [
  ['GET', '/ws'],
  ['GET', '/ws/info'],
  ['OPTIONS', '/ws/info'],
  ['GET', '/ws/iframe.html'],
  ['GET', '/ws/sockjs.min.js'],
  ['POST', '/ws/chunking_test'],
  ['POST', '/ws/000/s/xhr'],
  ['OPTIONS', '/ws/000/s/xhr'],
  ['POST', '/ws/000/s/xhr_streaming'],
  ['POST', '/ws/000/s/xhr_send'],
  ['GET', '/ws/000/s/eventsource'],
  ['GET', '/ws/000/s/htmlfile?c=a'],
  ['GET', '/ws/000/s/jsonp?c=a'],
  ['POST', '/ws/000/s/jsonp_send'],
  ['GET', '/ws/000/s/websocket'],
] as const;

test.each(everyUrl)('%s %s is forbidden to a foreign origin', async (method, path) => {
  const node = await start();

  const response = await fetch(node.url(path), { method, headers: { origin: 'http://evil.example' } });

  expect(response.status).toBe(403);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(response.headers.get('vary')).toContain('Origin');
});

test.each(everyUrl)('%s %s never answers with the wildcard', async (method, path) => {
  const node = await start({ origins: ['https://clinic.example'], limits: { sockjsDisconnectMs: 10 } });

  const [allowed, program] = await Promise.all([
    headersOf(node, method, path, { origin: 'https://clinic.example' }),
    headersOf(node, method, path.replace('/s/', '/t/'), {}),
  ]);

  expect(allowed['access-control-allow-origin']).toBe('https://clinic.example');
  expect(allowed['access-control-allow-credentials']).toBe('true');
  expect(program['access-control-allow-origin']).toBeUndefined();
  expect(program.vary).toBe('Origin');
});

async function headersOf(node: TransportNode, method: string, path: string, headers: Record<string, string>) {
  const outgoing = request(node.url(path), { method, headers }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  outgoing.destroy();
  return response.headers;
}

test('a preflight of the stock client is answered', async () => {
  const node = await start({ origins: ['https://clinic.example'] });

  const response = await fetch(node.url('/ws/000/s/xhr_send'), {
    method: 'OPTIONS',
    headers: { origin: 'https://clinic.example', 'access-control-request-headers': 'content-type' },
  });

  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-methods')).toContain('POST');
  expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
});

test('a session may be opened right after its preflight, and after a request that was refused', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open, origins: ['https://clinic.example'] });
  const origin = 'https://clinic.example';

  for (const [method, path] of [
    ['OPTIONS', '/ws/000/again/xhr'],
    ['GET', '/ws/000/again/jsonp'],
  ] as const) {
    request(node.url(path), { method, headers: { origin } })
      .on('error', () => undefined)
      .end();
  }
  const { until } = await stream(node, '/ws/000/again/xhr_streaming', 'POST');
  const { wire } = await recorders.next();
  wire.send(Buffer.from('here'));

  expect(await until((text) => text.includes('here'))).toContain('a["here"]\n');
});

test('sessions count as connections of their address, and a draining node opens no new ones', async () => {
  const { node, path, recorder } = await open({ limits: { connectionsPerAddress: 1 } });

  const second = await fetch(node.url('/ws/000/second/xhr'), { method: 'POST' });
  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '5']);
  node.transports.drain();
  const third = await fetch(node.url('/ws/000/third/xhr'), { method: 'POST' });
  expect(third.status).toBe(503);
  recorder.wire.send(Buffer.from('still here'));

  expect(await poll(node, path)).toBe('a["still here"]\n');
});

test('the address of a session is its client’s, behind a trusted proxy', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open, proxies: ['127.0.0.1'] });

  await fetch(node.url('/ws/000/far/xhr'), { method: 'POST', headers: { 'x-forwarded-for': '203.0.113.9' } });

  const recorder: Recorder = await recorders.next();
  expect(recorder.remoteAddress).toBe('203.0.113.9');
});

test('what is not SockJS is passed on', async () => {
  const response = await fetch((await start()).url('/wsx/info'));

  expect([response.status, await response.text()]).toEqual([404, '']);
});

test.each(['xhr_streaming', 'eventsource', 'htmlfile?c=call', 'xhr'])(
  'nginx is asked not to keep the bytes of %s back',
  async (transport) => {
    const node = await start();

    const response = await fetch(node.url(`/ws/000/unbuffered/${transport}`), {
      method: transport.startsWith('xhr') ? 'POST' : 'GET',
    });
    await response.body?.cancel();

    expect(response.headers.get('X-Accel-Buffering')).toBe('no');
  },
);
