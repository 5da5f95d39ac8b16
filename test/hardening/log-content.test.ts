import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { book, type BookedAppointment } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { freePort, waysIn, type Entrances } from './ways-in.js';

/** What nobody may find in a log or in a metric, wherever it was written. */
const MARKER = 'xq7marker';

let entrances: Entrances & { readonly server: RunningServer };
let patient: Caller;
let operator: Caller;
let appointment: BookedAppointment;

beforeAll(async () => {
  const tcpPort = await freePort();
  const environment = { STOMP_TCP_PORT: `${tcpPort}`, LOG_LEVEL: 'trace', LIMIT_SOCKJS_DISCONNECT_MS: '500' };
  entrances = { server: await startServer({ environment }), tcpPort };
  patient = await signIn(entrances.server.url, 'patient@example.org');
  appointment = await book(patient, await signIn(entrances.server.url, 'doctor@example.org'));
  operator = await signIn(entrances.server.url, 'operator@example.org');
});
afterAll(stopServers);

it('what users write, in whatever field, is in no line of the log and in no metric', async () => {
  const { server } = entrances;
  const sessions = await stompSessions();
  await requests(sessions.email);
  await malformed();
  const file = join(server.directory, 'carillon.sqlite');
  for (const tables of [['users'], ['notification', 'appointment_event'], ['kept_answer'], ['login_session']])
    await withoutTables(file, tables, () => requests(sessions.email));

  const metrics = await (await fetch(`${server.url}/metrics`)).text();

  // It was said that something happened.
  expect(server.output()).toMatch(/QueryFailedError/);
  expect(server.output()).toMatch(/"path":"\/api\/appointments"/);
  expect(linesWith(MARKER, server.output())).toEqual([]);
  expect(linesWith(MARKER, metrics)).toEqual([]);
  // Nor what they signed in with.
  expect(linesWith(patient.token, server.output())).toEqual([]);
  expect(linesWith(sessions.password, server.output())).toEqual([]);
  // One line each, whatever stood in it.
  const unprintable = server
    .output()
    .split('\n')
    .filter((line) => /[^\P{C}\n]/u.test(line));
  expect(unprintable).toEqual([]);
});

/** Somebody whose name, address and password are markers, on every transport, with markers in each header and body. */
async function stompSessions(): Promise<{ readonly email: string; readonly password: string }> {
  const account = {
    email: `${MARKER}@example.org`,
    password: `${MARKER}-password`,
    name: `${MARKER} Müller`,
  };
  await call('POST', '/api/auth/register', { body: account });
  for (const [, open] of waysIn) {
    const begin = async (login: string, passcode: string): Promise<Awaited<ReturnType<typeof open>>> => {
      const client = await open(entrances);
      client.send(
        `CONNECT\naccept-version:1.2\nhost:${MARKER}\nlogin:${login}\npasscode:${passcode}\n${MARKER}:${MARKER}\n\n\0`,
      );
      await client.until(/CONNECTED|ERROR/);
      return client;
    };
    (await begin(`${MARKER}-nobody`, MARKER)).close();
    for (const frame of [
      `SUBSCRIBE\nid:${MARKER}\ndestination:/topic/${MARKER}\n\n\0`,
      `SUBSCRIBE\nid:${MARKER}\ndestination:/nowhere/${MARKER}\n\n\0`,
      `SEND\ndestination:/app/notifications.read\ncontent-type:application/json\n\n{"${MARKER}":\0`,
      `SEND\ndestination:/app/notifications.read\n${MARKER}:${MARKER}\n\n{"ids":["${MARKER}"],"${MARKER}":1}\0`,
      `SEND\ndestination:/app/${MARKER}\n\n${MARKER}\0`,
      `SEND\ndestination:/queue/${MARKER}\n\n${MARKER}\0`,
      `ACK\nid:${MARKER}\ntransaction:${MARKER}\n\n\0`,
      `BEGIN\ntransaction:${MARKER}\nreceipt:${MARKER}\n\n\0BEGIN\ntransaction:${MARKER}\n\n\0`,
      `${MARKER}\n\n\0`,
      `SEND\n${MARKER}\n\n\0`,
    ]) {
      const client = await begin(account.email, account.password);
      client.send(frame);
      // Told in an ERROR, or as a message on the queue of errors, which nobody reads here: its RECEIPT doesn't come.
      client.send('DISCONNECT\nreceipt:last\n\n\0');
      await client.until(/ERROR|receipt-id:last/);
      client.close();
    }
  }
  return account;
}

/** The REST API with markers in each field and header. */
async function requests(email: string): Promise<void> {
  const strange = {
    'User-Agent': MARKER,
    Cookie: `a=${MARKER}`,
    'X-Marker': MARKER,
    Referer: `http://${MARKER}/`,
  };
  const key = { 'Idempotency-Key': `${MARKER}-${Math.random()}`, ...strange };
  const { token } = patient;

  await call('POST', `/api/appointments?${MARKER}=${MARKER}`, {
    token,
    headers: key,
    body: { ...appointment, startsAt: nextWeek(appointment), reason: MARKER },
  });
  await call('POST', '/api/appointments', {
    token,
    body: { doctorId: MARKER, [MARKER]: MARKER, reason: [MARKER] },
  });
  await call('PATCH', `/api/appointments/${appointment.id}`, {
    token,
    headers: { 'If-Match': `"${MARKER}"` },
    body: { reason: MARKER },
  });
  await call('POST', `/api/appointments/${appointment.id}/cancel`, {
    token,
    headers: key,
    body: { reason: MARKER },
  });
  await call('GET', `/api/appointments?status=${MARKER}&after=${MARKER}`, { token });
  await call('GET', `/api/notifications?after=${MARKER}`, { token, headers: { 'Last-Event-ID': MARKER } });
  await call('GET', `/api/notifications/stream?ticket=${MARKER}`, {
    headers: { Cookie: `ticket=${MARKER}` },
  });
  await call('POST', '/api/notifications', {
    token: operator.token,
    headers: key,
    body: { email, message: MARKER, data: { [MARKER]: MARKER } },
  });
  await call('POST', '/api/notifications/ack', { token, body: { upTo: MARKER } });
  await call('POST', '/api/announcements', { token: operator.token, body: { message: MARKER } });
  await call('POST', '/api/auth/login', { body: { email: MARKER, password: MARKER } });
  await call('POST', '/api/auth/register', { body: { email, password: `${MARKER}-password`, name: MARKER } });
  await call('GET', '/api/me', { headers: { Authorization: `Bearer ${MARKER}.${MARKER}.${MARKER}` } });
  await call('GET', '/api/me', { headers: { Authorization: MARKER } });
}

/** What no library writes for us. */
async function malformed(): Promise<void> {
  const { token } = patient;
  const json = { 'Content-Type': 'application/json' };
  await fetch(`${entrances.server.url}/api/appointments`, {
    method: 'POST',
    headers: { ...json, Authorization: `Bearer ${token}` },
    body: `{"reason": "${MARKER}", ${MARKER}`,
  });
  for (const head of [
    `GET /api/me HTTP/1.1\r\nHost: x\r\n${MARKER}\r\n\r\n`,
    `GET /api/me HTTP/1.1\r\nHost: x\r\nX-Marker: ${MARKER}\r\nContent-Length: ${MARKER}\r\n\r\n`,
    `${MARKER} / HTTP/1.1\r\n\r\n`,
    `GET /stomp?${MARKER} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: ${MARKER}\r\nSec-WebSocket-Key: ${MARKER}\r\n\r\n`,
    `POST /ws/000/${'s'.repeat(8)}/xhr_send?${MARKER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n${MARKER}`,
    `GET /ws/000/${'s'.repeat(8)}/jsonp?c=${MARKER}( HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  ]) {
    const socket = connect(entrances.server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume().write(head);
    await once(socket, 'close');
  }
}

let weeks = 0;

function nextWeek({ startsAt }: BookedAppointment): string {
  return new Date(Date.parse(startsAt) + (weeks += 1) * 7 * 24 * 3_600_000).toISOString();
}

interface Call {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function call(method: string, path: string, { token, headers, body }: Call): Promise<void> {
  const response = await fetch(entrances.server.url + path, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
}

/** Statements fail while these tables have other names. */
async function withoutTables(
  file: string,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const database = await new DataSource({ type: 'sqlite', database: file }).initialize();
  await database.query('pragma busy_timeout = 5000');
  await database.query('pragma legacy_alter_table = on');
  for (const table of tables) await database.query(`alter table ${table} rename to away_${table}`);
  await work();
  for (const table of tables) await database.query(`alter table away_${table} rename to ${table}`);
  await database.destroy();
}

function linesWith(word: string, text: string): string[] {
  return text.split('\n').filter((line) => line.toLowerCase().includes(word.toLowerCase()));
}
