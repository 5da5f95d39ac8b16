import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite } from '../databases.js';
import { ask, problemOf, slot, type Answer, type Login } from '../rest/clinic.js';
import { oneAppointment } from '../rest/one-appointment.js';
import { connect } from '../rest/stomp.js';

interface Told {
  readonly id: number;
  readonly type: string;
  readonly isRead: boolean;
  readonly isSeen: boolean;
  readonly data: { readonly appointmentId?: number };
}

const HOUR_S = 3_600;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`rows that somebody makes without end, on ${kind.name}`, () => {
    const here = oneAppointment(kind);

    describe('changes of an appointment', () => {
      it('leave one unread row of each type at each side, though each is a row', async () => {
        const reasons = Array.from({ length: 10 }, (_, i) => `reason ${i}`);
        for (const reason of reasons) expect((await patch({ reason })).status).toBe(200);
        for (const cell of [4, 8]) expect((await patch({ startsAt: slot(cell, here.day) })).status).toBe(200);

        for (const side of [here.patient, here.doctor]) {
          const told = await toldOfIt(side);
          expect(told.map(({ type }) => type)).toEqual([
            'appointment.created',
            ...reasons.map(() => 'appointment.updated'),
            'appointment.rescheduled',
            'appointment.rescheduled',
          ]);
          const unread = told.filter(({ isRead }) => !isRead);
          // What was booked isn't true any more, either.
          expect(unread.map(({ id }) => id)).toEqual([told[10], told[12]].map((row) => row?.id));
        }
        expect(await countsOf(here.patient)).toEqual({ unseen: 2, unread: 2 });
      });

      it('tell open devices which rows were superseded', async () => {
        await patch({ reason: 'knee' });
        const phone = await connect(here.clinic, here.patient);
        const inbox = await phone.subscribe('/user/queue/inbox');

        await patch({ reason: 'hip' });

        const [, older] = await toldOfIt(here.patient);
        for (;;) {
          const { body } = await inbox.next();
          if (!(body as object).hasOwnProperty('state')) continue;
          expect(body).toEqual({ state: 'read', ids: [older?.id], counts: { unseen: 2, unread: 2 } });
          break;
        }
        await phone.close();
      });

      it('say of no superseded row that somebody saw it', async () => {
        await patch({ reason: 'knee' });
        await patch({ reason: 'hip' });

        const { items } = (
          await ask<{ items: { recipients: object[] }[] }>(`${here.url}/history`, here.patient)
        ).body;

        expect(items[1]?.recipients).toMatchObject([
          { role: 'patient', seenAt: null },
          { role: 'doctor', seenAt: null },
        ]);
      });

      it('can be taken for unread again by their reader, and then the next one supersedes them too', async () => {
        await patch({ reason: 'knee' });
        await patch({ reason: 'hip' });
        const [, first] = await toldOfIt(here.patient);
        await ask(`${here.clinic.url}/api/notifications/${first?.id}`, {
          ...here.patient,
          method: 'PATCH',
          body: { isSeen: false },
        });
        expect(await countsOf(here.patient)).toEqual({ unseen: 3, unread: 3 });

        await patch({ reason: 'back' });

        expect(await countsOf(here.patient)).toEqual({ unseen: 2, unread: 2 });
      });

      it('are thirty an hour by one person; what is stale or taken hears so first, and each of the others has thirty', async () => {
        await spend(30);
        const { body: other } = await book(here.patient, slot(8, here.day));

        const over = await patch({ reason: 'once more' });
        expect(problemOf(over)).toEqual({ status: 429, code: 'rate_limited' });
        expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(HOUR_S - 120);
        expect(Number(over.headers.get('retry-after'))).toBeLessThanOrEqual(HOUR_S);
        const taken = await patch({ startsAt: slot(8, here.day) });
        expect(problemOf(taken)).toEqual({ status: 409, code: 'slot_taken' });
        const stale = await patch({ reason: 'once more' }, here.patient, { 'If-Match': '"1"' });
        expect(problemOf(stale)).toEqual({ status: 412, code: 'stale_version' });
        expect((await patch({ reason: 'reason 29' })).status).toBe(200);

        expect((await patch({ reason: 'by the doctor' }, here.doctor)).status).toBe(200);
        const another = `${here.clinic.url}/api/appointments/${String(other['id'])}`;
        expect((await patch({ reason: 'another one' }, here.patient, {}, another)).status).toBe(200);
      });

      it('are counted by what happened, over a restart, within the hour', async () => {
        await spend(30);
        await here.restart();
        const after = await patch({ reason: 'after the restart' });
        expect(problemOf(after)).toEqual({ status: 429, code: 'rate_limited' });

        await age('appointment_event', 'at', HOUR_S * 1_000);

        expect((await patch({ reason: 'an hour later' })).status).toBe(200);
      });

      it('over the limit leave the patient free to cancel', async () => {
        await spend(30);

        expect((await ask(`${here.url}/cancel`, { ...here.patient, body: {} })).status).toBe(200);
      });
    });

    describe('bookings', () => {
      it('to come hold so many minutes of the doctors, however few they are', async () => {
        const hours = (startsAt: string, durationMinutes: number) =>
          book(here.patient, startsAt, { durationMinutes });

        expect(problemOf(await hours(slot(0, here.day + 80), 600))).toMatchObject({ code: 'booking_limit' });
        const long = await hours(slot(4, here.day), 540);
        expect(long.status).toBe(201);
        expect((await hours(slot(2, here.day), 30)).status).toBe(201);
        expect(problemOf(await hours(slot(0, here.day + 80), 15))).toMatchObject({ code: 'booking_limit' });
        expect(problemOf(await patch({ durationMinutes: 45 }))).toMatchObject({ code: 'slot_taken' });

        await ask(`${here.clinic.url}/api/appointments/${String(long.body['id'])}/cancel`, {
          ...here.patient,
          body: {},
        });
        expect((await hours(slot(4, here.day + 80), 540)).status).toBe(201);
      });

      it('cannot be made longer than that either; the clinic may', async () => {
        await book(here.patient, slot(4, here.day), { durationMinutes: 480 });
        const short = await book(here.patient, slot(0, here.day + 60), { durationMinutes: 60 });
        const url = `${here.clinic.url}/api/appointments/${String(short.body['id'])}`;

        const own = await patch({ durationMinutes: 120 }, here.patient, {}, url);
        const byDoctor = await patch({ durationMinutes: 120 }, here.doctor, {}, url);

        expect(problemOf(own)).toEqual({ status: 409, code: 'booking_limit' });
        expect(byDoctor.status).toBe(200);
        expect((await patch({ reason: 'above it' }, here.patient, {}, url)).status).toBe(200);
        expect((await patch({ durationMinutes: 105 }, here.patient, {}, url)).status).toBe(200);
      });

      it('of one patient at once fit into their minutes together', async () => {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            book(here.patient, slot(0, here.day + 20 + i), { durationMinutes: 300 }),
          ),
        );

        expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      });

      it('and cancellations in a loop end within the hour', async () => {
        await here.restart({ LIMIT_PATIENT_EVENTS: '6' });
        const bookIn = (cell: number) => book(here.patient, slot(cell, here.day + 100));
        // One event is the appointment of this test.
        let booked = 0;
        let last = await bookIn(0);
        for (; last.status === 201; last = await bookIn(0)) {
          booked++;
          const cancelled = await ask(
            `${here.clinic.url}/api/appointments/${String(last.body['id'])}/cancel`,
            {
              ...here.patient,
              body: {},
            },
          );
          expect(cancelled.status).toBe(200);
        }
        await here.restart();

        expect(booked).toBe(3);
        expect(problemOf(last)).toEqual({ status: 429, code: 'rate_limited' });
        expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
      });
    });

    it('an Idempotency-Key on what changes nothing leaves no row', async () => {
      await patch({ reason: 'knee' });
      for (let i = 0; i < 20; i++)
        await patch({ reason: 'knee' }, here.patient, { 'Idempotency-Key': `nothing-${i}` });
      const kept = await patch({ reason: 'hip' }, here.patient, { 'Idempotency-Key': 'something' });
      const again = await patch({ reason: 'hip' }, here.patient, { 'Idempotency-Key': 'something' });

      expect(again.body).toEqual(kept.body);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      const rows = await query<{ request_key: string }>(
        'select request_key from kept_answer where owner_id = $1',
        [here.patient.user.id],
      );
      expect(rows).toEqual([{ request_key: 'something' }]);
    });

    async function spend(changes: number): Promise<void> {
      for (let i = 0; i < changes; i++) expect((await patch({ reason: `reason ${i}` })).status).toBe(200);
    }

    function patch(
      body: object,
      { token }: Login = here.patient,
      headers: Readonly<Record<string, string>> = {},
      url = here.url,
    ): Promise<Answer> {
      return ask(url, { token, method: 'PATCH', body, headers });
    }

    function book({ token }: Login, startsAt: string, more = {}): Promise<Answer> {
      const body = { doctorId: here.doctor.user.id, startsAt, ...more };
      return ask(`${here.clinic.url}/api/appointments`, { token, body });
    }

    /** Oldest first. */
    async function toldOfIt({ token }: Login): Promise<Told[]> {
      const id = Number(here.url.split('/').at(-1));
      const url = `${here.clinic.url}/api/notifications?limit=100`;
      const { items } = (await ask<{ items: Told[] }>(url, { token })).body;
      return items.filter(({ data }) => data.appointmentId === id).toReversed();
    }

    async function countsOf({ token }: Login): Promise<unknown> {
      return (await ask(`${here.clinic.url}/api/notifications/counts`, { token })).body;
    }

    async function age(table: string, column: string, ms: number): Promise<void> {
      await query(`update ${table} set ${column} = ${column} - $1`, [ms]);
    }

    function query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      return here.clinic.application.get(Store).write(({ manager }) => rowsOf<Row>(manager, sql, parameters));
    }
  });
}
