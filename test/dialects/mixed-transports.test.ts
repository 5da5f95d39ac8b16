import { EventSource } from 'eventsource';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';
import { sockJs, webSocket, xhrStreaming } from '../rest/stomp-sockets.js';

/** What a client says of a notification, in the words of all of them. */
interface Heard {
  readonly id: number;
  readonly seq: number;
  readonly cursor: string;
}

/** Follows the own inbox. @param heard is told of each notification @returns closes it */
type Follow = (as: Login, heard: (notification: Heard) => void) => Promise<() => unknown>;

const USERS = 12;
const ROUNDS = 3;

let clinic: Clinic;
beforeAll(async () => (clinic = await openClinic()));
afterAll(() => clinic.close());

/** Stock clients, as each of them is told. */
const transports: Readonly<Record<string, Follow>> = {
  STOMP: (as, heard) => overStomp(as, heard, webSocket),
  'SockJS on WebSocket': (as, heard) => overStomp(as, heard, sockJs),
  'SockJS on streaming': (as, heard) => overStomp(as, heard, xhrStreaming),
  'Server-Sent Events': overEvents,
  'a JSON socket': overJson,
  'Socket.IO on WebSocket': (as, heard) => overSocketIo(as, heard, 'websocket'),
  'Socket.IO on polling': (as, heard) => overSocketIo(as, heard, 'polling'),
};

it('a notification is the same on all transports of each of many users, and comes once', async () => {
  const operator = await signIn(clinic, 'operator');
  const users = await Promise.all(Array.from({ length: USERS }, () => newPatient(clinic)));
  const heard = new Map<string, Heard[]>();
  const closings = await Promise.all(
    users.flatMap((user) =>
      Object.entries(transports).map(([name, follow]) => {
        const own: Heard[] = [];
        heard.set(`${user.user.id} by ${name}`, own);
        return follow(user, ({ id, seq, cursor }) => own.push({ id, seq, cursor }));
      }),
    ),
  );

  const posted: (Heard & { userId: number })[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const items = users.map(({ user }) => ({ userId: user.id, message: `Round ${round}` }));
    const { body } = await ask<{ items: typeof posted }>(`${clinic.url}/api/notifications/batch`, {
      token: operator.token,
      body: { items },
    });
    posted.push(...body.items);
    await expect.poll(() => [...heard.values()].every((own) => own.length > round)).toBe(true);
  }
  await Promise.all(closings.map((close) => close()));

  const expected = users.flatMap(({ user }) =>
    Object.keys(transports).map((name) => [
      `${user.id} by ${name}`,
      posted.filter(({ userId }) => userId === user.id).map(({ id, seq, cursor }) => ({ id, seq, cursor })),
    ]),
  );
  expect(posted).toHaveLength(USERS * ROUNDS);
  expect(Object.fromEntries(heard)).toEqual(Object.fromEntries(expected));
});

async function overStomp(
  as: Login,
  heard: (notification: Heard) => void,
  openSocket: typeof webSocket,
): Promise<() => unknown> {
  const connection = await connect(clinic, as, openSocket);
  const inbox = await connection.subscribe('/user/queue/notifications');
  void (async () => {
    for (;;) {
      const { frame, body } = await inbox.next();
      // Beside the body's own: the header that a client keeps.
      heard({ ...(body as Heard), cursor: String(frame.headers['cursor']) });
    }
  })();
  return () => connection.close();
}

async function overEvents({ token }: Login, heard: (notification: Heard) => void): Promise<() => unknown> {
  const source = new EventSource(`${clinic.url}/api/notifications/stream`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
  });
  source.addEventListener('notification', ({ data, lastEventId }) =>
    heard({ ...(JSON.parse(String(data)) as Heard), cursor: lastEventId }),
  );
  await new Promise((resolve) => source.addEventListener('connected', resolve));
  return () => source.close();
}

async function overJson({ token }: Login, heard: (notification: Heard) => void): Promise<() => unknown> {
  const socket = new WebSocket(`${clinic.url.replace('http', 'ws')}/notifications?token=${token}`);
  await new Promise<void>((resolve) => {
    socket.on('open', () => socket.send(JSON.stringify({ action: 'subscribe', event_type: '*' })));
    socket.on('message', (data) => {
      const { type, cursor, notification } = JSON.parse((data as Buffer).toString()) as {
        type: string;
        cursor: string;
        notification?: Heard;
      };
      if (type === 'subscribed') resolve();
      if (notification) heard({ ...notification, cursor });
    });
  });
  return () => socket.close();
}

async function overSocketIo(
  { token }: Login,
  heard: (notification: Heard) => void,
  transport: 'websocket' | 'polling',
): Promise<() => unknown> {
  const socket = io(clinic.url, { auth: { token }, forceNew: true, transports: [transport] });
  socket.on('notification', heard);
  await new Promise<void>((resolve) => socket.on('connect', resolve));
  return () => socket.disconnect();
}
