import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LoginPruning } from '../../src/clinic/auth/login-pruning.js';
import { Revocations } from '../../src/clinic/auth/revocations.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  type Answer,
  type Clinic,
  type Login,
} from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';
import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`logins in a loop, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let patient: Login;

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({ LIMIT_LOGIN_SESSIONS: '3', LIMIT_PRUNE_ROWS: '2' }, database);
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
    });

    it('end the oldest that nothing lives on; what is connected stays', async () => {
      const phone = await connect(clinic, patient);
      const tokens = await signInTimes(5);

      const answers = await Promise.all(tokens.map(me));

      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 401, 401]);
      expect(answers.at(-1)?.status).toBe(200);
      const refused = answers.filter(({ status }) => status === 401).map(problemOf);
      expect(refused).toEqual(Array(2).fill({ status: 401, code: 'auth_revoked' }));
      expect((await me(patient.token)).status).toBe(200);
      const inbox = await phone.subscribe('/user/queue/inbox');
      expect(inbox).toBeDefined();
      await phone.close();
    });

    it('and logouts leave as many rows as there may be sessions, once all nodes have seen the end', async () => {
      for (let i = 0; i < 10; i++) await logout((await signInTimes(1))[0]!);
      expect(await ended()).toBe(10);
      await query('update login_session set revoked_at = revoked_at - $1 where user_id = $2', [
        60_000,
        patient.user.id,
      ]);

      const [token] = await signInTimes(1);

      expect(await ended()).toBe(3);
      expect((await me(token!)).status).toBe(200);
    });

    it('are pruned when their time is over, also of those who never come back, with their tickets', async () => {
      const [token] = await signInTimes(3);
      await ask(`${clinic.url}/api/auth/ticket`, { token, method: 'POST' });
      await query('update stream_ticket set expires_at = $1', [1]);
      const pruning = clinic.application.get(LoginPruning);
      expect(await pruning.prune()).toBe(1);

      await query('update login_session set expires_at = $1 where user_id = $2', [1, patient.user.id]);
      await pruning.prune();

      expect(await query('select id from login_session where user_id = $1', [patient.user.id])).toEqual([]);
    });

    it('leave no link for another address and no former one, when their time is over, but those of the demo', async () => {
      const { id } = patient.user;
      const former = ['once@example.org', 'patient@example.org', 'now@example.org'];
      for (const [i, email] of former.entries())
        await query('insert into former_email (email, user_id, kept_until) values ($1, $2, $3)', [
          email,
          id,
          i < 2 ? 1 : Date.now() + 60_000,
        ]);
      await query(
        'insert into email_change (user_id, token_hash, email, expires_at) values ($1, $2, $3, $4)',
        [id, 'hash', 'next@example.org', 1],
      );

      await clinic.application.get(LoginPruning).prune();

      const left = await query<{ email: string }>('select email from former_email where user_id = $1', [id]);
      expect(left.map(({ email }) => email).toSorted()).toEqual(['now@example.org', 'patient@example.org']);
      expect(await query('select email from email_change where user_id = $1', [id])).toEqual([]);
    });

    it('that ended during an outage are found by the look that succeeds', async () => {
      const store = clinic.application.get(Store);
      const away = { isAway: false };
      const read = Object.assign(Object.create(store.read) as typeof store.read, {
        query: (...statement: Parameters<typeof store.read.query>) =>
          away.isAway ? Promise.reject(new Error('away')) : store.read.query(...statement),
      });
      const revocations = new Revocations({ read, limits: store.limits } as unknown as Store);
      await revocations.look(
        () => [],
        () => true,
      );
      away.isAway = true;
      const [ended] = await insertEnded(1, Date.now() - store.limits.writeUnitMs);
      await expect(
        revocations.look(
          () => [],
          () => true,
        ),
      ).rejects.toThrow('away');
      away.isAway = false;

      expect(
        await revocations.look(
          () => [],
          () => true,
        ),
      ).toContain(ended);
    });

    it('that ended are read until they can’t be committed later any more, and of very many those that live here', async () => {
      const store = clinic.application.get(Store);
      const revocations = new Revocations(store);
      const overlapMs = 3 * store.limits.writeUnitMs;
      const [old] = await insertEnded(1, Date.now() - overlapMs - 1_000);
      expect(
        await revocations.look(
          () => [],
          () => true,
        ),
      ).toContain(old);

      // Committed after the look, though ended before it.
      const [late] = await insertEnded(1, Date.now() - overlapMs + 5_000);
      const found = await revocations.look(
        () => [],
        () => true,
      );
      expect(found).toContain(late);
      expect(found).not.toContain(old);

      const many = await insertEnded(1_500, Date.now() + 1_000);
      expect(
        await revocations.look(
          () => [many[7]!, 'lives on'],
          () => true,
        ),
      ).toEqual([many[7]]);
    });

    /** @returns the tokens, oldest first */
    async function signInTimes(times: number): Promise<string[]> {
      const sessions = clinic.application.get(LoginSessions);
      const tokens: string[] = [];
      for (let i = 0; i < times; i++)
        tokens.push(
          sessions.issue(await sessions.open(patient.user as Parameters<LoginSessions['open']>[0])),
        );
      return tokens;
    }

    function me(token: string): Promise<Answer> {
      return ask(`${clinic.url}/api/me`, { token });
    }

    async function logout(token: string): Promise<void> {
      await ask(`${clinic.url}/api/auth/logout`, { token, method: 'POST' });
    }

    async function ended(): Promise<number> {
      const sql = 'select id from login_session where user_id = $1 and revoked_at is not null';
      return (await query(sql, [patient.user.id])).length;
    }

    async function insertEnded(count: number, at: number): Promise<string[]> {
      const ids = Array.from({ length: count }, (_, i) => `ended-${at}-${i}`);
      const values = ids.map((id) => `('${id}', ${patient.user.id}, ${at}, ${at}, ${at})`);
      await query(
        `insert into login_session (id, user_id, expires_at, ends_at, revoked_at) values ${values.join()}`,
      );
      return ids;
    }

    function query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      return clinic.application.get(Store).write(({ manager }) => rowsOf<Row>(manager, sql, parameters));
    }
  });
}
