import { Client, type IMessage } from '@stomp/stompjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { book } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

interface Page {
  readonly items: readonly { readonly type: string; readonly seq: number; readonly isRead: boolean }[];
  readonly counts: { readonly unseen: number; readonly unread: number };
}

interface Appointments {
  readonly items: readonly { readonly id: number }[];
}

interface Announcements {
  readonly items: readonly { readonly message: string; readonly seq: number }[];
  readonly cursor: string;
}

const ANNOUNCEMENTS = '/topic/announcements';

const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
  await stopServers();
});

describe('a process that is killed', () => {
  it('right after its 201 has lost nothing', async () => {
    const server = await startServer();
    const { patient, doctor } = await people(server.url);

    const appointment = await book(patient, doctor);
    server.kill('SIGKILL');
    expect((await server.ended).signal).toBe('SIGKILL');

    const again = await startServer({ directory: server.directory });
    await expectToldOnce(again.url, appointment.id);
  });

  it('between commit and push has lost nothing', async () => {
    const server = await startServer({ preload: 'test/process/kill-before-push.mjs' });
    const { patient, doctor } = await people(server.url);

    await expect(book(patient, doctor)).rejects.toThrow('fetch failed');
    expect((await server.ended).signal).toBe('SIGKILL');

    const again = await startServer({ directory: server.directory });
    await expectToldOnce(again.url, 1);
  });

  it('between commit and push of what somebody said has lost nothing, and it is not said twice', async () => {
    const server = await startServer({ preload: 'test/process/kill-before-push.mjs' });
    const { patient, doctor } = await people(server.url);
    const { id, cursor } = await patient.post<{ id: number; cursor: string }>('/api/conversations', {
      memberIds: [doctor.user.id],
    });
    const path = `/api/conversations/${id}/messages`;
    const said = { text: 'Are you there?', clientId: 'once' };

    await expect(patient.post(path, said)).rejects.toThrow('fetch failed');
    expect((await server.ended).signal).toBe('SIGKILL');

    const again = await people((await startServer({ directory: server.directory })).url);
    const missed = await again.doctor.get<{ items: unknown[] }>(`${path}?after=${cursor}`);
    expect(missed.items).toMatchObject([{ text: said.text, seq: 1, senderId: patient.user.id }]);
    expect(await again.patient.post(path, said)).toMatchObject({ seq: 1 });
    expect(await again.patient.post(path, { text: 'Hello?' })).toMatchObject({ seq: 2 });
  });

  it('before it answered does nothing twice for who asks again with the same key', async () => {
    const server = await startServer({ preload: 'test/process/kill-before-push.mjs' });
    const { user } = await signIn(server.url, 'patient@example.org');
    const operator = await signIn(server.url, 'operator@example.org');
    const send = (url: string) =>
      fetch(`${url}/api/notifications`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${operator.token}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': 'once',
        },
        body: JSON.stringify({ userId: user.id, message: 'Hello' }),
      });
    await expect(send(server.url)).rejects.toThrow('fetch failed');
    await server.ended;

    const again = await startServer({ directory: server.directory });
    const answer = await send(again.url);

    expect(answer.status).toBe(201);
    expect(answer.headers.get('Idempotency-Replayed')).toBe('true');
    expect(await answer.json()).toMatchObject({ message: 'Hello', seq: 1 });
    const patient = await signIn(again.url, 'patient@example.org');
    expect((await patient.get<Page>('/api/notifications')).items).toHaveLength(1);
  });

  it.each([
    ['told over REST', announce],
    ['sent over STOMP', sendAnnouncement],
  ])('between commit and push of an announcement, %s, brings it to those who come back', async (_, tell) => {
    const server = await startServer({ preload: 'test/process/kill-before-push.mjs' });
    const patient = await signIn(server.url, 'patient@example.org');
    const { cursor } = await patient.get<Announcements>('/api/announcements');

    await tell(server);
    expect((await server.ended).signal).toBe('SIGKILL');

    const again = await startServer({ directory: server.directory });
    const { items } = await (
      await signIn(again.url, 'patient@example.org')
    ).get<Announcements>('/api/announcements');
    expect(items).toMatchObject([{ message: 'We close at noon', seq: 1 }]);
    const client = await connect(again, 'patient@example.org');
    const bodies = new Promise<unknown[]>((resolve) => {
      const heard: unknown[] = [];
      const note = ({ body }: IMessage): unknown => heard.push(JSON.parse(body)) === 2 && resolve(heard);
      client.subscribe(ANNOUNCEMENTS, note, { since: cursor });
    });
    expect(await bodies).toMatchObject([{ verdict: 'complete' }, { message: 'We close at noon' }]);
  });

  it('leaves the sign-ins of its users valid', async () => {
    const server = await startServer();
    const { patient } = await people(server.url);
    server.kill('SIGKILL');
    await server.ended;

    const again = await startServer({ directory: server.directory });
    const me = await fetch(`${again.url}/api/me`, { headers: { Authorization: `Bearer ${patient.token}` } });

    expect(me.status).toBe(200);
  });
});

async function people(url: string): Promise<{ patient: Caller; doctor: Caller }> {
  return {
    patient: await signIn(url, 'patient@example.org'),
    doctor: await signIn(url, 'doctor@example.org'),
  };
}

/** The appointment is in both lists, and its one notification in both inboxes. */
async function expectToldOnce(url: string, appointmentId: number): Promise<void> {
  for (const caller of Object.values(await people(url))) {
    const appointments = await caller.get<Appointments>('/api/appointments');
    const page = await caller.get<Page>('/api/notifications');

    expect(appointments.items.map(({ id }) => id)).toEqual([appointmentId]);
    expect(page.items).toMatchObject([{ type: 'appointment.created', seq: 1, isRead: false }]);
    expect(page.counts).toEqual({ unseen: 1, unread: 1 });
  }
}

async function announce({ url }: RunningServer): Promise<void> {
  const operator = await signIn(url, 'operator@example.org');
  await expect(operator.post('/api/announcements', { message: 'We close at noon' })).rejects.toThrow(
    'fetch failed',
  );
}

/** Its RECEIPT never comes. */
async function sendAnnouncement(server: RunningServer): Promise<void> {
  const client = await connect(server, 'operator@example.org');
  const closed = new Promise<void>((resolve) => {
    client.onWebSocketClose = () => resolve();
  });
  const receipts: string[] = [];
  client.onUnhandledReceipt = ({ headers }) => void receipts.push(headers['receipt-id'] ?? '');
  client.publish({
    destination: ANNOUNCEMENTS,
    body: JSON.stringify({ message: 'We close at noon' }),
    headers: { 'content-type': 'application/json', receipt: 'told' },
  });
  await closed;
  expect(receipts).toEqual([]);
}

async function connect({ url }: RunningServer, email: string): Promise<Client> {
  const { token } = await signIn(url, email);
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp'),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
  });
  clients.push(client);
  await new Promise<void>((resolve) => {
    client.onConnect = () => resolve();
    client.activate();
  });
  return client;
}
