import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { KeptAnswers } from '../../src/library/store/kept-answers.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  signIn,
  slot,
  type Answer,
  type Clinic,
  type Login,
} from './clinic.js';

const DAY_MS = 86_400_000;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`an Idempotency-Key, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let doctorId: number;
    let operator: Login;
    let patient: Login;
    let day = 2;
    let keys = 0;
    let key: string;

    beforeAll(async () => {
      database = await kind.create();
      clinic = await open();
      doctorId = (await signIn(clinic, 'doctor')).user.id;
      operator = await signIn(clinic, 'operator');
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
      key = `key-${++keys}`;
      day++;
    });

    it('gives the same answer again, and books once', async () => {
      const first = await book({ reason: 'knee' });
      const second = await book({ reason: 'knee' });

      expect(first.status).toBe(201);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      expect(second).toMatchObject({ status: 201, body: first.body });
      expect(second.headers.get('etag')).toBe('"1"');
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(await appointments()).toHaveLength(1);
      expect(await notificationsOf(patient)).toHaveLength(1);
    });

    it('is answered as before although the appointment has changed since', async () => {
      const first = await book({});
      await ask(`${clinic.url}/api/appointments/${first.body['id']}/cancel`, {
        token: patient.token,
        body: {},
      });

      expect((await book({})).body).toEqual(first.body);
    });

    it('lets one of many that come at once do the work, the others get its answer', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => book({})));

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
      const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
      expect(replayed).toHaveLength(19);
      expect(await notificationsOf(patient)).toHaveLength(1);
    });

    it('of another request is a conflict, and nothing is booked', async () => {
      await book({ reason: 'knee' });

      expect(problemOf(await book({ reason: 'hip' }))).toEqual({ status: 409, code: 'idempotency_conflict' });
      const elsewhere = await ask(`${clinic.url}/api/notifications`, {
        token: patient.token,
        body: { userId: 1, message: 'x' },
        headers: { 'Idempotency-Key': key },
      });
      expect(elsewhere.status).toBe(403);
      expect(await appointments()).toHaveLength(1);
    });

    it('belongs to its user', async () => {
      const other = await newPatient(clinic);
      await book({});

      const answer = await book({}, other, slot(8, day));

      expect(answer.status).toBe(201);
      expect(answer.body['patientId']).toBe(other.user.id);
    });

    it('of a request that failed is free: trying again may do better', async () => {
      const rival = await newPatient(clinic);
      const taken = await book({}, rival);
      expect(problemOf(await book({}))).toEqual({ status: 409, code: 'slot_taken' });

      await ask(`${clinic.url}/api/appointments/${taken.body['id']}/cancel`, {
        token: rival.token,
        body: {},
      });

      expect((await book({})).status).toBe(201);
    });

    it.each(['', 'x'.repeat(256), 'two words', 'grüezi'])('%j is none', async (bad) => {
      key = bad;

      expect(problemOf(await book({}))).toEqual({ status: 400, code: 'invalid_request' });
      expect(await appointments()).toEqual([]);
    });

    it('may be as long as 255 characters', async () => {
      key = 'x'.repeat(254) + keys.toString(36);

      expect((await book({})).status).toBe(201);
      expect((await book({})).headers.get('idempotency-replayed')).toBe('true');
    });

    it('makes a change once: PATCH, status and cancel', async () => {
      const { id } = (await book({})).body;
      const url = `${clinic.url}/api/appointments/${String(id)}`;
      const twice = async (path: string, method: string, body: object) => {
        const request = {
          token: patient.token,
          method,
          body,
          headers: { 'Idempotency-Key': `${key}-change${path}` },
        };
        return [await ask(url + path, request), await ask(url + path, request)] as const;
      };

      const [changed, changedAgain] = await twice('', 'PATCH', { reason: 'hip' });
      const [cancelled, cancelledAgain] = await twice('/cancel', 'POST', { reason: 'better' });

      expect(changed).toMatchObject({ status: 200, body: { version: 2, reason: 'hip' } });
      expect(changedAgain.body).toEqual(changed.body);
      expect(cancelled).toMatchObject({ status: 200, body: { version: 3, status: 'cancelled' } });
      expect(cancelledAgain.body).toEqual(cancelled.body);
      expect(await notificationsOf(patient)).toHaveLength(3);
    });

    it('sends a notification once, and answers as at first although it was read', async () => {
      const first = await send('Hello');
      const [item] = await notificationsOf(patient);
      await ask(`${clinic.url}/api/notifications/${item!.id}`, {
        token: patient.token,
        method: 'PATCH',
        body: { isRead: true },
      });
      const second = await send('Hello');

      expect(first).toMatchObject({ status: 201, body: item });
      expect(second).toMatchObject({ status: 201, body: first.body });
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(await notificationsOf(patient)).toHaveLength(1);
      expect(problemOf(await send('Bye'))).toEqual({ status: 409, code: 'idempotency_conflict' });
    });

    it('sends one of many notifications that come at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => send('Hello')));

      expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
      expect(await notificationsOf(patient)).toHaveLength(1);
    });

    it('is kept for a day, over a restart, and then forgotten', async () => {
      const first = await send('Hello');
      await restart();
      const replayed = await send('Hello');
      expect(replayed.body).toEqual(first.body);

      await clinic.application.get(Store).write(async ({ manager }) => {
        await manager.query('update kept_answer set created_at = $1 where request_key = $2', [
          Date.now() - DAY_MS,
          key,
        ]);
      });
      expect((await send('Hello')).body['id']).not.toBe(first.body['id']);
    });

    it('is pruned when its day is over, in steps', async () => {
      await send('Hello');
      const answers = clinic.application.get(KeptAnswers);
      await clinic.application.get(Store).write(async ({ manager }) => {
        for (const old of ['a', 'b', 'c'])
          await manager.query('insert into kept_answer values ($1, $2, $3, $4, $5)', [1, old, '', '{}', 1]);
      });

      expect([await answers.prune(), await answers.prune()]).toEqual([3, 0]);
      expect((await send('Hello')).headers.get('idempotency-replayed')).toBe('true');
    });

    it('of a user who has too many goes when it is the oldest', async () => {
      await restart({ LIMIT_KEPT_ANSWERS: '3' });
      for (let i = 1; i <= 6; i++) {
        key = `of-many-${i}`;
        await book({}, patient, slot(2 * i, day));
      }
      const pruned = await clinic.application.get(KeptAnswers).prune();
      await restart();

      expect(pruned).toBeGreaterThanOrEqual(3);
      const kept = await rowsOf<{ request_key: string }>(
        clinic.application.get(Store).read,
        'select request_key from kept_answer where owner_id = $1 order by created_at',
        [patient.user.id],
      );
      expect(kept.map(({ request_key }) => request_key)).toEqual(['of-many-4', 'of-many-5', 'of-many-6']);
    });

    function open(environment: Readonly<Record<string, string>> = {}): Promise<Clinic> {
      return openClinic({ LIMIT_PRUNE_ROWS: '2', ...environment }, database);
    }

    async function restart(environment?: Readonly<Record<string, string>>): Promise<void> {
      await clinic.close();
      clinic = await open(environment);
    }

    function book(booking: object, { token } = patient, startsAt = slot(0, day)): Promise<Answer> {
      const headers = { 'Idempotency-Key': key };
      return ask(`${clinic.url}/api/appointments`, {
        token,
        headers,
        body: { doctorId, startsAt, ...booking },
      });
    }

    function send(message: string): Promise<Answer> {
      const body = { email: patient.user.email, message };
      return ask(`${clinic.url}/api/notifications`, {
        token: operator.token,
        headers: { 'Idempotency-Key': key },
        body,
      });
    }

    function appointments(): Promise<unknown[]> {
      return itemsOf('appointments', patient);
    }

    function notificationsOf(login: Login): Promise<{ id: number }[]> {
      return itemsOf('notifications', login);
    }

    async function itemsOf<T>(path: string, { token }: Login): Promise<T[]> {
      return (await ask<{ items: T[] }>(`${clinic.url}/api/${path}`, { token })).body.items;
    }
  });
}
