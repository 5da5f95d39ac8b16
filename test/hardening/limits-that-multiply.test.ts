import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { newPatient, openClinic, type Clinic } from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';
import { tcp, webSocket, xhrStreaming } from '../rest/stomp-sockets.js';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic({ STOMP_TCP_PORT: '0', LIMIT_SUBSCRIPTIONS_PER_USER: '100' });
});

afterAll(() => clinic.close());

const NOTIFICATIONS = '/user/queue/notifications';

describe.each([
  ['WebSocket', webSocket],
  ['SockJS', xhrStreaming],
  ['TCP', tcp],
])('over %s, a patient', (_, openSocket) => {
  it('has 16 subscriptions of one connection to the own notifications', async () => {
    const connection = await connect(clinic, await newPatient(clinic), openSocket);
    for (let i = 0; i < 16; i++) await connection.subscribe(NOTIFICATIONS);

    void connection.subscribe(NOTIFICATIONS);

    expect(await connection.failed).toMatchObject({ code: 'subscription_limit' });
    await connection.close();
  });

  it.each(['SUBSCRIBE', 'BEGIN'])('gives names of 255 characters at most, by %s', async (command) => {
    const patient = await newPatient(clinic);
    const connection = await connect(clinic, patient, openSocket);
    const begin = (length: number): void => {
      const name = 'x'.repeat(length);
      if (command === 'BEGIN') connection.begin(name);
      else void connection.subscribe(NOTIFICATIONS, { id: name });
    };

    begin(255);
    await connection.subscribe(NOTIFICATIONS);
    begin(256);

    expect(await connection.failed).toMatchObject({ code: 'invalid_header' });
    await connection.close();
  });
});

it('a user’s subscriptions count over all connections, and others have theirs', async () => {
  const [patient, other] = [await newPatient(clinic), await newPatient(clinic)];
  const connections = await Promise.all(Array.from({ length: 7 }, () => connect(clinic, patient)));
  const neighbour = await connect(clinic, other);
  const full = connections.slice(0, 6);
  for (const connection of full) for (let i = 0; i < 16; i++) await connection.subscribe(NOTIFICATIONS);
  const last = connections[6];
  for (let i = 0; i < 4; i++) await last?.subscribe(NOTIFICATIONS);

  void last?.subscribe(NOTIFICATIONS);

  expect(await last?.failed).toMatchObject({ code: 'subscription_limit' });
  const news = await neighbour.subscribe(NOTIFICATIONS);
  await clinic.application.get(NotificationService).sendNotification(other.user.id, 'Heard');
  expect((await news.next()).body).toMatchObject({ message: 'Heard' });
  await Promise.all([...connections, neighbour].map((connection) => connection.close()));
});
