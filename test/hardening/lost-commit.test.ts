import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Queues1763700000002 } from '../../migrations/1763700000002-queues.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { ExclusiveQueueStore } from '../../src/library/broker/exclusive-queue-store.js';
import type { QueueStore } from '../../src/library/broker/queue-store.js';
import { Queues } from '../../src/library/broker/queues.js';
import { limitsWith } from '../../src/library/limits.js';
import { SqlQueueTable } from '../../src/library/store/sql-queue-table.js';
import { Store } from '../../src/library/store/store.js';
import { systemClock } from '../../src/library/transport/system-clock.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { newPatient, openClinic, type Clinic } from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';
import { SharingNode } from '../sharing-node.js';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.js';

describe.skipIf(!postgres.isHere)(`a COMMIT whose answer was lost, on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let proxy: TcpProxy;
  let clinic: Clinic;

  beforeAll(async () => {
    database = await postgres.create();
    proxy = await proxyTo(database);
    clinic = await openClinic({ DATABASE_URL: through(proxy, database) });
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

const QUEUE = '/queue/work';
const DEAD = '/queue/dlq/work';
const limits = limitsWith({
  ...{ queueDeliveries: 1, storeRetryMs: 50 },
  ...{ queueLookMs: 100, queueLookTroubleMs: 50, nodeDeadMs: 10_000 },
});

/** Queues on a database, and the end of them. */
interface Kept {
  readonly store: QueueStore;
  stop(): Promise<void>;
}

const stores: Readonly<Record<string, (databaseUrl: string) => Promise<Kept>>> = {
  async 'of a node that is alone'(databaseUrl) {
    const options = { entities: [], migrations: [Queues1763700000002], limits, logError: () => undefined };
    const store = await Store.open({ ...options, databaseUrl });
    return {
      store: new ExclusiveQueueStore(new SqlQueueTable(store), systemClock),
      stop: () => store.close(),
    };
  },
  async 'of nodes that share them'(databaseUrl) {
    const node = await SharingNode.start(databaseUrl, limits);
    return { store: node.queues, stop: () => node.stop() };
  },
};

describe.skipIf(!postgres.isHere).each(Object.entries(stores))(
  `a dead letter on ${postgres.name}, in queues %s`,
  (_, open) => {
    it('is there once, though the answer of its COMMIT was lost', async () => {
      const database = await postgres.create();
      const proxy = await proxyTo(database);
      const { store, stop } = await open(through(proxy, database));
      const faults: unknown[] = [];
      const queues = new Queues(store, systemClock, limits, (error) => faults.push(error));
      await queues.open();
      const letters = consume(queues, DEAD);
      const consumer = consume(queues, QUEUE);
      await queues.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from('worn') }], []);
      await consumer.hears('worn');

      proxy.loseAnswerTo('COMMIT');
      consumer.leave();
      await expect.poll(() => queues.length(QUEUE), { timeout: 10_000 }).toBe(0);

      await letters.hears('worn');
      await queues.commit([{ address: DEAD, headers: new Map(), body: Buffer.from('the last') }], []);
      await letters.hears('the last');
      expect(letters.heard).toEqual(['worn', 'the last']);
      expect(faults).toHaveLength(1);
      expect((await store.lengths()).get(DEAD)).toBe(2);
      await queues.close();
      await stop();
      await proxy.stop();
      await database.drop();
    });
  },
);

interface Consuming {
  readonly heard: readonly string[];
  hears(body: string): Promise<void>;
  leave(): void;
}

/** Takes every message, and acknowledges none. */
function consume(queues: Queues, queue: string): Consuming {
  const heard: string[] = [];
  const subscription = queues.consume(queue, {
    deliver: ({ body }) => heard.push(Buffer.from(body).toString()),
    hasCapacity: () => true,
    onCapacity: () => {},
  });
  return {
    heard,
    async hears(body) {
      await expect.poll(() => heard, { timeout: 10_000 }).toContain(body);
    },
    leave: () => subscription.close(),
  };
}

async function proxyTo(database: FreshDatabase): Promise<TcpProxy> {
  const { hostname, port } = new URL(database.url);
  return tcpProxy({ host: hostname, port: Number(port || 5432) });
}

function through(proxy: TcpProxy, database: FreshDatabase): string {
  const url = new URL(database.url);
  url.port = String(proxy.port);
  url.hostname = '127.0.0.1';
  return url.href;
}
