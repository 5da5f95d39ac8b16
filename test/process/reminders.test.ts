import type { EntityManager } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertReminders } from '../../src/clinic/appointments/reminder-table.js';
import { limits } from '../../src/clinic/limits.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { schema } from '../../src/schema.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

const REMINDERS = 400;
const MINUTE = 60_000;

describe.each([
  { ...sqlite, nodes: 1 },
  { ...postgres, nodes: 2 },
])('reminders on $name, on $nodes node(s)', ({ isHere, create, nodes }) => {
  describe.skipIf(!isHere)('', { timeout: 300_000 }, () => {
    let database: FreshDatabase;

    beforeEach(async () => {
      database = await create();
    });
    afterEach(async () => {
      await stopServers();
      await database.drop();
    });

    it('come exactly once, however often the processes are killed around the time when they are due', async () => {
      await withStore(seed);
      let cuts = 0;

      // Each round is cut somewhere between the start of the processes and the last reminder.
      for (let round = 0; round < 6; round++) {
        const servers = await start(nodes);
        await Promise.all(servers.map((server) => killLater(server, Math.random() * 300)));
        const { planned, sent } = await withStore(progress);
        if (planned > 0 && sent > 0) cuts++;
      }
      await start(nodes);
      await expect
        .poll(async () => (await withStore(progress)).planned, { timeout: 120_000, interval: 500 })
        .toBe(0);
      await stopServers();

      const told = await withStore(inboxes);
      expect(cuts, 'no process was killed in the middle: the test has tried nothing').toBeGreaterThan(0);
      expect(await withStore(progress)).toEqual({ planned: 0, sent: REMINDERS });
      expect(told.map(({ times }) => times)).toEqual(Array.from({ length: REMINDERS }, () => 1));
      expect(told.every(({ seqs_without_holes: whole }) => Boolean(whole))).toBe(true);
    });

    function start(count: number): Promise<RunningServer[]> {
      const environment = {
        DATABASE_URL: database.url,
        LIMIT_REMINDER_BATCH: '2',
        LIMIT_DUE_EVERY_MS: '20',
      };
      return Promise.all(Array.from({ length: count }, () => startServer({ environment })));
    }

    async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
      const logError = (message: string, error: unknown) => expect.unreachable(`${message}: ${error}`);
      const store = await Store.open({ ...schema, databaseUrl: database.url, limits, logError });
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    }
  });
});

async function killLater(server: RunningServer, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  server.kill('SIGKILL');
  await server.ended;
}

/** As many patients as reminders; half of these are late already, the others come due in the next seconds. */
async function seed(store: Store): Promise<void> {
  const now = Date.now();
  const [doctor] = await store.write(({ manager }) =>
    rowsOf<{ id: number }>(
      manager,
      `insert into users (email, name, role, password_hash) values ('d@test', 'D', 'doctor', '') returning id`,
    ),
  );
  const one = async (manager: EntityManager, i: number): Promise<void> => {
    const [patient] = await rowsOf<{ id: number }>(
      manager,
      `insert into users (email, name, role, password_hash) values ($1, 'P', 'patient', '') returning id`,
      [`p${i}@test`],
    );
    await rowsOf(manager, 'insert into inbox (owner_id, epoch) values ($1, $2)', [patient!.id, 'epoch123']);
    const dueAt = new Date(now + (i % 2 === 0 ? -MINUTE : (i * 20_000) / REMINDERS));
    const startsAt = new Date(dueAt.getTime() + 120 * MINUTE);
    const [appointment] = await rowsOf<{ id: number }>(
      manager,
      `insert into appointment (patient_id, doctor_id, starts_at, duration_minutes, status, zone, version)
       values ($1, $2, $3, 30, 'booked', 'Europe/Berlin', 1) returning id`,
      [patient!.id, doctor!.id, startsAt.getTime()],
    );
    const reminder = { appointmentId: appointment!.id, recipientId: patient!.id, offsetMinutes: 120 };
    await insertReminders(manager, [{ ...reminder, startsAt, dueAt, state: 'planned' }], now);
  };
  // A unit of work has its time.
  for (let i = 0; i < REMINDERS; i += 20)
    await store.write(async ({ manager }) => {
      for (let j = i; j < i + 20; j++) await one(manager, j);
    });
}

async function progress({ read }: Store): Promise<{ planned: number; sent: number }> {
  const rows = await rowsOf<{ state: string; count: number }>(
    read,
    'select state, count(*) as count from reminder group by state',
  );
  const of = (state: string) => rows.find((row) => row.state === state)?.count ?? 0;
  return { planned: of('planned'), sent: of('sent') };
}

function inboxes({ read }: Store): Promise<{ times: number; seqs_without_holes: boolean | number }[]> {
  return rowsOf(
    read,
    `select count(notification.id) as times, max(notification.seq) = count(notification.id) as seqs_without_holes
     from reminder left join notification
       on owner_id = recipient_id and dedupe_key = 'reminder/' || reminder.id
     group by reminder.id order by reminder.id`,
  );
}
