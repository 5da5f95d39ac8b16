import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DueChanges } from '../../src/clinic/appointments/due-changes.js';
import { FakeClock } from '../../src/library/testing/fake-clock.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  signIn,
  type Answer,
  type Clinic,
  type Login,
} from './clinic.js';

interface Shown {
  readonly id: number;
  readonly status: string;
  readonly version: number;
  readonly pendingChange?: { readonly action: string; readonly by: number; readonly at: string };
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`a change that can be taken back, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let clock: FakeClock;
    let doctor: Login;
    let patient: Login;
    let start: number;
    let url: string;

    beforeAll(async () => {
      database = await kind.create();
      clock = new FakeClock(Date.UTC(2027, 0, 4, 11));
      clinic = await openClinic({}, database, clock);
      doctor = await signIn(clinic, 'doctor');
      start = Date.UTC(2027, 0, 7, 8);
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
      start += 86_400_000;
      const { body } = await book(patient);
      url = `${clinic.url}/api/appointments/${body.id}`;
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    it('is made when its time has run out, and not told before', async () => {
      const answer = await cancel({ undoMs: 10_000, reason: 'I am well' });

      expect(answer).toMatchObject({ status: 200, body: { status: 'booked', version: 1 } });
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(answer.body.pendingChange).toEqual({
        action: 'cancel',
        status: 'cancelled',
        by: patient.user.id,
        at: new Date(clock.now() + 10_000).toISOString(),
      });
      await pass(9_999);
      expect(await shown()).toEqual(answer.body);
      expect((await listed())[0]).toEqual(answer.body);
      expect(await toldTypes(patient)).toEqual(['appointment.created']);
      expect(problemOf((await book(await newPatient(clinic))) as unknown as Answer)).toMatchObject({
        code: 'slot_taken',
      });

      await pass(1);

      const cancelled = await shown();
      expect(cancelled).toMatchObject({ status: 'cancelled', version: 2 });
      expect(cancelled).not.toHaveProperty('pendingChange');
      expect(await toldTypes(patient)).toEqual(['appointment.created', 'appointment.cancelled']);
      expect((await toldTypes(doctor)).at(-1)).toBe('appointment.cancelled');
      const { body } = await ask<{ items: unknown[] }>(`${url}/history`, { token: patient.token });
      expect(body.items.at(-1)).toMatchObject({
        by: patient.user.id,
        type: 'appointment.cancelled',
        changes: [{ field: 'status' }, { field: 'cancellationReason', to: 'I am well' }],
      });
    });

    it('is as if it had never been when it is taken back', async () => {
      await cancel({ undoMs: 10_000 });

      const answer = await takeBack(patient);
      await pass(20_000);

      expect(answer).toMatchObject({ status: 200, body: { status: 'booked' } });
      expect(answer.body).not.toHaveProperty('pendingChange');
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(await toldTypes(patient)).toEqual(['appointment.created']);
      expect(problemOf((await takeBack(patient)) as unknown as Answer)).toMatchObject({ status: 404 });
    });

    it('is made though the server was restarted meanwhile', async () => {
      await cancel({ undoMs: 10_000 });

      await clinic.close();
      clinic = await openClinic({}, database, clock);
      url = clinic.url + new URL(url).pathname;
      await pass(10_000);

      expect(await shown()).toMatchObject({ status: 'cancelled' });
    });

    it('is nobody else’s to see or to take back', async () => {
      await cancel({ undoMs: 10_000 });

      expect(await shown(doctor)).not.toHaveProperty('pendingChange');
      expect(problemOf((await takeBack(doctor)) as unknown as Answer)).toMatchObject({ code: 'forbidden' });
      expect(await shown(await signIn(clinic, 'operator'))).toHaveProperty('pendingChange');
      await takeBack(patient);
    });

    it('is made before what somebody else asks for meanwhile', async () => {
      await cancel({ undoMs: 10_000 });

      const later = { startsAt: new Date(start + 4 * 3_600_000).toISOString() };
      const moved = await ask(url, { token: doctor.token, method: 'PATCH', body: later });

      expect(problemOf(moved)).toMatchObject({ code: 'illegal_transition' });
      expect(await shown()).toMatchObject({ status: 'cancelled' });
      expect(await toldTypes(patient)).toEqual(['appointment.created', 'appointment.cancelled']);
    });

    it('is a change since they looked to others who name a version', async () => {
      await setStatus({ status: 'arrived', undoMs: 10_000 });

      const answer = await cancel({}, { 'If-Match': '"1"' });

      expect(problemOf(answer as unknown as Answer)).toMatchObject({ code: 'stale_version' });
      expect(await shown()).toMatchObject({ status: 'arrived' });
    });

    it('is made before what its author does next, in the version that they saw', async () => {
      await setStatus({ status: 'arrived', undoMs: 10_000 });
      const next = await setStatus({ status: 'checked-in', undoMs: 10_000 }, { 'If-Match': '"1"' });

      expect(next.body).toMatchObject({ status: 'arrived', pendingChange: { status: 'checked-in' } });
      await pass(10_000);
      expect(await shown()).toMatchObject({ status: 'checked-in', version: 3 });
      expect(await toldTypes(patient)).toEqual([
        'appointment.created',
        'appointment.status_changed',
        'appointment.status_changed',
      ]);
    });

    it('stays what it is when something is refused meanwhile', async () => {
      await cancel({ undoMs: 10_000 });

      const stale = await ask(`${url}/cancel`, {
        token: doctor.token,
        body: {},
        headers: { 'If-Match': '"7"' },
      });
      const illegal = await setStatus({ status: 'proposed' });

      expect([stale.status, illegal.status]).toEqual([412, 409]);
      expect(await shown()).toHaveProperty('pendingChange');
      await takeBack(patient);
    });

    it('asked for again waits anew; without a time to wait it is made at once', async () => {
      await cancel({ undoMs: 10_000, reason: 'first' });
      await pass(5_000);
      await cancel({ undoMs: 10_000, reason: 'second' });
      await pass(9_999);
      expect(await shown()).toMatchObject({ status: 'booked' });

      const answer = await cancel({ reason: 'third' });

      expect(answer.body).toMatchObject({ status: 'cancelled', version: 2 });
      await pass(10_000);
      expect(await shown()).toMatchObject({ version: 2 });
    });

    it('sent again with its key is answered again, and waits on', async () => {
      const headers = { 'Idempotency-Key': `undo-${start}` };
      const first = await cancel({ undoMs: 10_000 }, headers);
      await pass(5_000);

      const second = await cancel({ undoMs: 10_000 }, headers);
      await pass(5_000);

      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.body).toEqual(first.body);
      expect(await shown()).toMatchObject({ status: 'cancelled' });
    });

    it('of which many nodes hear is made once', async () => {
      await cancel({ undoMs: 1 });
      clock.stepWall(1);

      await Promise.all(Array.from({ length: 5 }, () => clinic.application.get(DueChanges).makeDue()));

      expect(await toldTypes(patient)).toEqual(['appointment.created', 'appointment.cancelled']);
    });

    it.each([-1, 60_001, 1.5, '10'])('waits no %s ms', async (undoMs) => {
      expect(problemOf((await cancel({ undoMs })) as unknown as Answer)).toMatchObject({
        code: 'invalid_request',
      });
    });

    /** No timer fires: only this looks for what is due. */
    async function pass(ms: number): Promise<void> {
      clock.stepWall(ms);
      await clinic.application.get(DueChanges).makeDue();
    }

    function book({ token }: Login): Promise<Answer<Shown>> {
      const body = { doctorId: doctor.user.id, startsAt: new Date(start).toISOString() };
      return ask<Shown>(`${clinic.url}/api/appointments`, { token, body });
    }

    function cancel(body: object, headers: Record<string, string> = {}): Promise<Answer<Shown>> {
      return ask<Shown>(`${url}/cancel`, { token: patient.token, body, headers });
    }

    function setStatus(body: object, headers: Record<string, string> = {}): Promise<Answer<Shown>> {
      return ask<Shown>(`${url}/status`, { token: doctor.token, method: 'PUT', body, headers });
    }

    function takeBack({ token }: Login): Promise<Answer<Shown>> {
      return ask<Shown>(`${url}/pending-change`, { token, method: 'DELETE' });
    }

    async function shown({ token } = patient): Promise<Shown> {
      return (await ask<Shown>(url, { token })).body;
    }

    async function listed(): Promise<Shown[]> {
      const { body } = await ask<{ items: Shown[] }>(`${clinic.url}/api/appointments`, {
        token: patient.token,
      });
      return body.items;
    }

    async function toldTypes({ token }: Login): Promise<string[]> {
      const { body } = await ask<{ items: { type: string }[] }>(`${clinic.url}/api/notifications?limit=100`, {
        token,
      });
      return body.items.map(({ type }) => type).toReversed();
    }
  });
}
