import { Client, type IMessage } from '@stomp/stompjs';
import { Client as Database } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { signIn, type Caller } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

interface Dashboard {
  readonly connections: number;
  readonly appointmentsToday: number;
}

describe.skipIf(!postgres.isHere)(`two nodes on one ${postgres.name}`, { timeout: 60_000 }, () => {
  let database: FreshDatabase;
  const clients: Client[] = [];

  beforeEach(async () => {
    database = await postgres.create();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
    await stopServers();
    await database.drop();
  });

  const start = (settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> =>
    startServer({ environment: { DATABASE_URL: database.url, ...settings } });

  async function startTwo(
    settings?: Readonly<Record<string, string>>,
  ): Promise<[RunningServer, RunningServer]> {
    return Promise.all([start(settings), start(settings)]);
  }

  async function hear(
    { url }: RunningServer,
    { token }: Caller,
    destination: string,
    onMessage: (message: IMessage) => void,
  ): Promise<Client> {
    const client = new Client({
      webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']) as never,
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
    });
    clients.push(client);
    await new Promise<void>((resolve) => {
      client.onConnect = () => {
        client.watchForReceipt('subscribed', () => resolve());
        client.subscribe(destination, onMessage, { receipt: 'subscribed' });
      };
      client.activate();
    });
    return client;
  }

  it('start at the same moment on an empty database, and agree on its tables, its users and the secret', async () => {
    const [here, there] = await startTwo();

    const patient = await signIn(here.url, 'patient@example.org');

    const me = await fetch(`${there.url}/api/me`, { headers: { Authorization: `Bearer ${patient.token}` } });
    expect(me.status).toBe(200);
    const client = new Database({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ name: string; count: string }>(
      'select name, count(*) from migrations group by name having count(*) > 1',
    );
    await client.end();
    expect(rows).toEqual([]);
  });

  it('ring at once for what was committed on the other', async () => {
    const [here, there] = await startTwo();
    const patient = await signIn(here.url, 'patient@example.org');
    const operator = await signIn(there.url, 'operator@example.org');
    const heard: string[] = [];
    for (const node of [here, there])
      await hear(node, patient, '/user/queue/notifications', ({ body }) =>
        heard.push((JSON.parse(body) as { message: string }).message),
      );

    await operator.post('/api/notifications', { email: patient.user.email, message: 'Ding dong' });

    await expect.poll(() => heard, patience).toEqual(['Ding dong', 'Ding dong']);
  });

  it('tell each device what another one has marked on the other, once', async () => {
    const [here, there] = await startTwo();
    const patient = await signIn(here.url, 'patient@example.org');
    const operator = await signIn(there.url, 'operator@example.org');
    const { id } = await operator.post<{ id: number }>('/api/notifications', {
      email: patient.user.email,
      message: 'Ding dong',
    });
    const marked: object[][] = [[], []];
    for (const [i, node] of [here, there].entries())
      await hear(node, patient, '/user/queue/inbox', ({ body }) => {
        const news = JSON.parse(body) as object;
        if ('state' in news) marked[i]?.push(news);
      });

    for (const [i, body] of [{ isSeen: true }, { isRead: true }].entries()) {
      await fetch(`${here.url}/api/notifications/${id}`, {
        method: 'PATCH',
        headers: { Authorization: `Bearer ${patient.token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      await expect.poll(() => marked.map(({ length }) => length), patience).toEqual([i + 1, i + 1]);
    }

    expect(marked[0]).toEqual(marked[1]);
  });

  it('end on both what lives on a login that is ended on one, before anybody looks', async () => {
    const [here, there] = await startTwo({ LIMIT_REVOCATION_POLL_MS: '600000' });
    const patient = await signIn(here.url, 'patient@example.org');
    const client = await hear(there, patient, '/user/queue/notifications', () => undefined);

    await patient.post('/api/auth/logout', {});

    await expect.poll(() => client.connected, patience).toBe(false);
  });

  it('count wrong passwords together', async () => {
    const [here, there] = await startTwo({ LIMIT_LOGIN_FAILURES: '4' });
    const guess = async ({ url }: RunningServer): Promise<number> => {
      const answer = await fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: 'patient@example.org', password: 'a guess' }),
      });
      return answer.status;
    };

    for (const node of [here, there, here, there]) expect(await guess(node)).toBe(401);

    await expect.poll(() => guess(here)).toBe(429);
    await expect.poll(() => guess(there)).toBe(429);
  });

  it('show one dashboard, with the connections and the appointments of both', async () => {
    const [here, there] = await startTwo({ LIMIT_DASHBOARD_MS: '200', CLINIC_ZONE: zoneWhereItIsNine() });
    const operator = await signIn(here.url, 'operator@example.org');
    const walls = await Promise.all(
      [here, there].map(async (node) => {
        const shown: (Dashboard & { readonly id: string })[] = [];
        await hear(node, operator, '/topic/dashboard-stats', ({ headers, body }) =>
          shown.push({ ...(JSON.parse(body) as Dashboard), id: headers['message-id'] ?? '' }),
        );
        return shown;
      }),
    );
    for (const wall of walls) await expect.poll(() => wall.at(-1)?.connections, patience).toBe(2);

    const patient = await signIn(there.url, 'patient@example.org');
    const doctor = await signIn(there.url, 'doctor@example.org');
    const soon = (Math.floor(Date.now() / 900_000) + 2) * 900_000;
    for (const i of [0, 1]) {
      const startsAt = new Date(soon + i * 900_000);
      await patient.post('/api/appointments', { doctorId: doctor.user.id, startsAt, durationMinutes: 15 });
      for (const wall of walls) await expect.poll(() => wall.at(-1)?.appointmentsToday, patience).toBe(i + 1);
    }

    // The same messages, of the one node that publishes.
    const [one, other] = walls.map((wall) => wall.filter(({ appointmentsToday }) => appointmentsToday > 0));
    expect(one).toEqual(other);
    expect(one).toHaveLength(2);
  });
});

const patience = { timeout: 10_000 };

/** So that today has free slots whenever the test runs. `Etc/GMT-5` is five hours ahead of UTC. */
function zoneWhereItIsNine(): string {
  const ahead = ((9 - new Date().getUTCHours() + 36) % 24) - 12;
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
