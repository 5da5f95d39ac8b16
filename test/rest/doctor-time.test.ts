import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres, sqlite } from '../databases.js';
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

interface Time {
  readonly day: string;
  readonly from: string;
  readonly to: string;
}

interface Slots {
  readonly items: readonly { readonly startsAt: string }[];
}

interface Rows {
  readonly items: readonly { readonly id: number; readonly startsAt: string }[];
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`a doctor's time, on ${kind.name}`, () => {
    let clinic: Clinic;
    let patient: Login;
    let doctor: Login;
    let doctor2: Login;
    let operator: Login;
    let close: () => Promise<void>;

    beforeAll(async () => {
      const database = await kind.create();
      clinic = await openClinic({ LIMIT_TIMES_OFF: '3', LIMIT_OPEN_BOOKINGS: '100' }, database);
      close = async () => {
        await clinic.close();
        await database.drop();
      };
      [doctor, doctor2, operator] = (await Promise.all(
        ['doctor', 'doctor2', 'operator'].map((who) => signIn(clinic, who)),
      )) as [Login, Login, Login];
      patient = await newPatient(clinic);
    });
    afterAll(() => close());

    describe('hours', () => {
      it('are eight to six every day, unless somebody says otherwise', async () => {
        const { status, body, headers } = await hours(patient, doctor2);

        expect(status).toBe(200);
        expect(body).toEqual({
          items: days.map((day) => ({ day, from: '08:00', to: '18:00' })),
          zone: 'Europe/Berlin',
          version: 0,
        });
        expect(headers.get('etag')).toBe('"0"');
      });

      it('are set by their doctor or an operator, in any order, and what touches is joined', async () => {
        const items = [
          { day: 'tue', from: '13:00', to: '17:00' },
          { day: 'mon', from: '14:00', to: '18:00' },
          { day: 'mon', from: '08:00', to: '10:00' },
          { day: 'mon', from: '10:00', to: '12:00' },
        ];
        const expected = [
          { day: 'mon', from: '08:00', to: '12:00' },
          { day: 'mon', from: '14:00', to: '18:00' },
          { day: 'tue', from: '13:00', to: '17:00' },
        ];

        const first = await setHours(doctor2, doctor2, items);
        const second = await setHours(operator, doctor2, items, { 'If-Match': '"1"' });

        expect(first).toMatchObject({ status: 200, body: { items: expected, version: 1 } });
        expect(second).toMatchObject({ status: 200, body: { items: expected, version: 2 } });
        expect((await hours(patient, doctor2)).body).toEqual(second.body);
      });

      it.each<[string, () => [Login, Login, Time[], Record<string, string>?], number, string]>([
        ['a patient', () => [patient, doctor2, []], 403, 'forbidden'],
        ['another doctor', () => [doctor, doctor2, []], 403, 'forbidden'],
        ['an operator, for no doctor', () => [operator, patient, []], 404, 'not_found'],
        ['who saw older ones', () => [doctor2, doctor2, [], { 'If-Match': '"0"' }], 412, 'stale_version'],
      ])('are not set by %s', async (_, call, status, code) => {
        expect(problemOf(await setHours(...call()))).toEqual({ status, code });
      });

      it.each<[string, unknown]>([
        ['that overlap', [time('08:00', '12:00'), time('11:45', '13:00')]],
        ['that end before they start', [time('12:00', '08:00')]],
        ['of no length', [time('12:00', '12:00')]],
        ['between quarters of an hour', [time('08:05', '12:00')]],
        ['after midnight', [time('08:00', '24:15')]],
        ['of a day that is none', [{ ...time('08:00', '12:00'), day: 'monday' }]],
        ['without end', Array.from({ length: 29 }, () => time('08:00', '12:00'))],
        ['that are none', 'always'],
      ])('%s are invalid', async (_, items) => {
        expect(problemOf(await setHours(doctor2, doctor2, items as Time[]))).toEqual({
          status: 400,
          code: 'invalid_request',
        });
      });

      it('are what can be booked, and nothing else', async () => {
        const day = 10;
        await setHours(
          doctor2,
          doctor2,
          days.flatMap((day) => [
            { day, from: '09:00', to: '10:00' },
            { day, from: '23:00', to: '24:00' },
          ]),
        );

        const free = (await slots(doctor2, day)).items.map(({ startsAt }) => startsAt);

        expect(free).toEqual([4, 5, 6, 7, 60, 61, 62, 63].map((cell) => slot(cell, day)));
        expect((await book(slot(62, day), doctor2)).status).toBe(201);
        const early = await book(slot(0, day), doctor2);
        expect(problemOf(early)).toEqual({ status: 400, code: 'invalid_request' });
        expect(early.body['errors']).toEqual([
          {
            path: 'startsAt',
            message:
              'must be, from start to end, between 09:00 and 10:00 or 23:00 and 24:00 in Europe/Berlin',
          },
        ]);
        expect((await book(slot(7, day), doctor2)).status, 'beyond the end').toBe(400);
        expect((await book(slot(63, day), doctor2)).status, 'beyond midnight').toBe(400);
      });

      it('move nobody: appointments outside of new hours stay, and are shown', async () => {
        const day = 12;
        const { body } = await book(slot(0, day), doctor);
        await setHours(doctor, doctor, [{ day: 'mon', from: '20:00', to: '21:00' }]);

        const misplaced = await rows(doctor, doctor, 'misplaced');

        expect(misplaced.body.items.map(({ id }) => id)).toEqual([body['id']]);
        expect((await appointment(Number(body['id']))).body).toMatchObject({
          status: 'booked',
          startsAt: slot(0, day),
        });
        // Its words and its status can be changed still; its time only to one that is.
        expect((await change(Number(body['id']), { reason: 'Knee' })).status).toBe(200);
        expect((await change(Number(body['id']), { startsAt: slot(4, day) })).status).toBe(400);
        await setHours(
          doctor,
          doctor,
          days.map((day) => ({ day, from: '08:00', to: '18:00' })),
        );
        expect((await rows(doctor, doctor, 'misplaced')).body.items).toEqual([]);
      });
    });

    describe('a time off', () => {
      it('takes its slots, until it is given back; an appointment in it stays', async () => {
        const day = 20;
        const { body: booked } = await book(slot(2, day), doctor);
        const before = (await slots(doctor, day)).items.length;

        const off = await block(doctor, doctor, slot(1, day), slot(5, day), ' Training ');

        expect(off.status).toBe(201);
        expect(off.body).toEqual({
          id: expect.any(Number) as number,
          startsAt: slot(1, day),
          endsAt: slot(5, day),
          note: 'Training',
        });
        expect((await slots(doctor, day)).items).toHaveLength(before - 2);
        expect(problemOf(await book(slot(4, day), doctor))).toEqual({ status: 409, code: 'slot_taken' });
        expect((await book(slot(5, day), doctor)).status).toBe(201);
        expect((await rows(doctor, doctor, 'misplaced')).body.items.map(({ id }) => id)).toEqual([
          booked['id'],
        ]);
        expect((await rows(operator, doctor, 'times-off')).body.items).toEqual([off.body]);

        const gone = await ask(`${of(doctor)}/times-off/${String(off.body['id'])}`, {
          ...doctor,
          method: 'DELETE',
        });

        expect(gone.status).toBe(204);
        expect((await slots(doctor, day)).items.map(({ startsAt }) => startsAt)).toContain(slot(4, day));
        expect((await rows(doctor, doctor, 'times-off')).body.items).toEqual([]);
      });

      it('is shown to its doctor and to operators', async () => {
        expect(problemOf(await rows(patient, doctor, 'times-off')).code).toBe('forbidden');
        expect(problemOf(await rows(doctor2, doctor, 'times-off')).code).toBe('forbidden');
        expect(problemOf(await rows(doctor2, doctor, 'misplaced')).code).toBe('forbidden');
      });

      it('is blocked and given back by nobody else', async () => {
        const { body } = await block(doctor, doctor, slot(0, 30), slot(1, 30));
        const at = `/times-off/${String(body['id'])}`;

        expect(problemOf(await block(doctor2, doctor, slot(0, 30), slot(1, 30))).code).toBe('forbidden');
        expect(problemOf(await ask(of(doctor) + at, { ...doctor2, method: 'DELETE' })).code).toBe(
          'forbidden',
        );
        expect(problemOf(await ask(of(doctor2) + at, { ...doctor2, method: 'DELETE' })).code).toBe(
          'not_found',
        );
        expect((await ask(of(doctor) + at, { ...operator, method: 'DELETE' })).status).toBe(204);
      });

      it('is blocked once, however often it is asked for', async () => {
        const key = { 'Idempotency-Key': 'holidays' };
        const first = await block(doctor, doctor, slot(0, 40), slot(0, 44), null, key);

        const again = await block(doctor, doctor, slot(0, 40), slot(0, 44), null, key);

        expect(again.body).toEqual(first.body);
        expect(again.headers.get('idempotency-replayed')).toBe('true');
        expect((await rows(doctor, doctor, 'times-off')).body.items).toHaveLength(1);
      });

      it('is one of as many as there may be', async () => {
        for (const day of [50, 51])
          expect((await block(doctor, doctor, slot(0, day), slot(1, day))).status).toBe(201);

        expect(problemOf(await block(doctor, doctor, slot(0, 52), slot(1, 52)))).toEqual({
          status: 409,
          code: 'time_off_limit',
        });
      });

      it.each<[string, () => [string, string]]>([
        ['that ends before it starts', () => [slot(4, 60), slot(0, 60)]],
        ['that is over', () => [slot(0, -3), slot(0, -2)]],
        ['between quarters of an hour', () => [slot(0, 60), slot(0.5, 60)]],
      ])('%s is invalid', async (_, span) => {
        expect(problemOf(await block(doctor2, doctor2, ...span()))).toEqual({
          status: 400,
          code: 'invalid_request',
        });
      });
    });

    function of(whose: Login): string {
      return `${clinic.url}/api/doctors/${whose.user.id}`;
    }

    function hours(who: Login, whose: Login) {
      return ask(`${of(whose)}/hours`, who);
    }

    function setHours(who: Login, whose: Login, items: readonly Time[], headers = {}) {
      return ask(`${of(whose)}/hours`, { ...who, method: 'PUT', body: { items }, headers });
    }

    function rows(who: Login, whose: Login, path: string): Promise<Answer<Rows & Record<string, unknown>>> {
      return ask(`${of(whose)}/${path}`, who);
    }

    function block(
      who: Login,
      whose: Login,
      startsAt: string,
      endsAt: string,
      note: string | null = null,
      headers = {},
    ) {
      return ask(`${of(whose)}/times-off`, { ...who, body: { startsAt, endsAt, note }, headers });
    }

    async function slots(whose: Login, day: number): Promise<Slots> {
      return (await ask<Slots>(`${of(whose)}/slots?date=${slot(0, day).slice(0, 10)}`, patient)).body;
    }

    function book(startsAt: string, whose: Login) {
      return ask(`${clinic.url}/api/appointments`, {
        ...patient,
        body: { doctorId: whose.user.id, startsAt },
      });
    }

    function appointment(id: number) {
      return ask(`${clinic.url}/api/appointments/${id}`, patient);
    }

    function change(id: number, body: object) {
      return ask(`${clinic.url}/api/appointments/${id}`, { ...patient, method: 'PATCH', body });
    }
  });
}

function time(from: string, to: string): Time {
  return { day: 'mon', from, to };
}
