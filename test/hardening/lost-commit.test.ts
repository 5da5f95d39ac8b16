import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { newPatient, openClinic, type Clinic } from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.js';

describe.skipIf(!postgres.isHere)(`a COMMIT whose answer was lost, on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let proxy: TcpProxy;
  let clinic: Clinic;

  beforeAll(async () => {
    database = await postgres.create();
    const url = new URL(database.url);
    proxy = await tcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.port = String(proxy.port);
    url.hostname = '127.0.0.1';
    clinic = await openClinic({ DATABASE_URL: url.href });
  });

  afterAll(async () => {
    await clinic.close();
    await proxy.stop();
    await database.drop();
  });

  it('is an error to its caller, and told to open clients as soon as the truth is known', async () => {
    const reader = await newPatient(clinic);
    const connection = await connect(clinic, reader);
    const notifications = await connection.subscribe('/user/queue/notifications');
    const service = clinic.application.get(NotificationService);

    proxy.loseAnswerTo('COMMIT');
    const sent = service.sendNotification(reader.user.id, 'There after all');

    await expect(sent).rejects.toMatchObject({ code: 'unavailable' });
    expect((await notifications.next()).body).toMatchObject({ message: 'There after all', seq: 1 });
    await service.sendNotification(reader.user.id, 'The next');
    expect((await notifications.next()).body).toMatchObject({ message: 'The next', seq: 2 });
    await connection.close();
  });
});
