import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertMayHave } from '../../src/clinic/appointments/open-bookings.js';
import { assertPace } from '../../src/clinic/appointments/pace.js';
import { LoginPruning } from '../../src/clinic/auth/login-pruning.js';
import { Revocations } from '../../src/clinic/auth/revocations.js';
import { addSession, adoptSession } from '../../src/clinic/auth/session-rows.js';
import { limits } from '../../src/clinic/limits.js';
import { schema } from '../../src/schema.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { systemClock } from '../../src/library/transport/system-clock.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';

interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

/** A query that looks through what was, and not only what is, gets slower with each row that somebody made. */
for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`what is asked at each change and login, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;

    beforeAll(async () => {
      database = await kind.create();
      store = await Store.open({
        ...schema,
        databaseUrl: database.url,
        limits,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
      await store.write(({ manager }) =>
        rowsOf(
          manager,
          "insert into users (email, name, role, password_hash) values ('a', 'A', 'patient', '')",
        ),
      );
    });
    afterAll(async () => {
      await store.close();
      await database.drop();
    });

    it.each<[string, (manager: EntityManager) => Promise<unknown>, string[]]>([
      [
        'appointments to come of a patient',
        (manager) =>
          assertMayHave(manager, { patientId: 1, durationMinutes: 30 }, { limits, clock: systemClock }),
        ['appointment_open'],
      ],
      [
        'changes of an appointment within the hour',
        (manager) => assertPace(manager, { by: 1, appointmentId: 1, perHour: 30, now: Date.now() }),
        ['appointment_event_author'],
      ],
      [
        'events of a patient within the hour',
        (manager) => assertPace(manager, { by: 1, perHour: 200, now: Date.now() }),
        ['appointment_event_author'],
      ],
      [
        'the sessions of a user',
        (manager) => addSession(manager, someSession(), limits, () => false),
        ['login_session_open', 'login_session_ended', 'login_session_open'],
      ],
      [
        'the sessions of a user of somebody else’s tokens',
        (manager) => adoptSession(manager, someSession(), limits, () => false),
        ['login_session_ended', 'login_session_open', 'login_session_ended', 'login_session_open'],
      ],
    ])('%s', async (_, ask, indices) => {
      const statements = await statementsOf(ask);

      const used = await store.write(async ({ manager }) => {
        if (kind === postgres) await manager.query('set local enable_seqscan = off');
        const plans: string[] = [];
        for (const statement of statements) plans.push(await planOf(manager, statement));
        return plans;
      });

      const looks = used.filter((plan) => plan.includes('_'));
      for (const [i, index] of indices.entries()) expect(looks[i]).toContain(index);
      expect(used.join('\n')).not.toMatch(/Seq Scan|SCAN (?!list|json)/);
    });

    it('which logins were ended', async () => {
      const statements: Statement[] = [];
      const reading = { read: recorded(store.read, statements), limits: store.limits } as unknown as Store;
      await new Revocations(reading).look(
        () => [],
        () => true,
      );

      const plan = await store.write(async ({ manager }) => {
        if (kind === postgres) await manager.query('set local enable_seqscan = off');
        return planOf(manager, statements[0]!);
      });

      // Both have the ended ones alone; of an empty table PostgreSQL takes either.
      expect(plan).toMatch(/login_session_(revoked|ended)/);
    });

    it('the pruning of logins', async () => {
      const statements: Statement[] = [];
      const recording = {
        write: (work: (tx: { manager: EntityManager }) => Promise<unknown>) =>
          store.write((tx) => work({ manager: recorded(tx.manager, statements) })),
      } as unknown as Store;
      await new LoginPruning(recording, limits).prune();

      const plans = await store.write(async ({ manager }) => {
        if (kind === postgres) await manager.query('set local enable_seqscan = off');
        const asked: string[] = [];
        for (const statement of statements) asked.push(await planOf(manager, statement));
        return asked;
      });

      const indices = ['stream_ticket_unspent', 'login_session_expiry', 'reset_link_expiry'];
      for (const [i, index] of [...indices, 'email_change_expiry', 'former_email_kept'].entries())
        expect(plans[i]).toContain(index);
    });

    async function statementsOf(ask: (manager: EntityManager) => Promise<unknown>): Promise<Statement[]> {
      const statements: Statement[] = [];
      await store.write((tx) => ask(recorded(tx.manager, statements)));
      return statements;
    }

    async function planOf(manager: EntityManager, { sql, parameters }: Statement): Promise<string> {
      if (kind === postgres) {
        const rows = await rowsOf<Record<string, string>>(manager, `explain ${sql}`, parameters);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      }
      const rows = await rowsOf<{ detail: string }>(manager, `explain query plan ${sql}`, parameters);
      return rows.map(({ detail }) => detail).join('\n');
    }
  });
}

/** The manager, whose statements are written down as they are made. */
function recorded(manager: EntityManager, statements: Statement[]): EntityManager {
  const query = (sql: string, parameters: unknown[] = []) => {
    if (!/^(insert|select pg_)/.test(sql)) statements.push({ sql, parameters });
    return rowsOf(manager, sql, parameters);
  };
  return { connection: manager.connection, query } as unknown as EntityManager;
}

function someSession() {
  return { id: 'one', userId: 1, expiresAt: new Date(), endsAt: new Date(), lifeMs: null, device: null };
}
