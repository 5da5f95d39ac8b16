import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, problemOf, signIn, slot, type Clinic, type Login } from './clinic.js';

interface PastEvent {
  readonly type: string;
  readonly recipients: readonly Record<string, unknown>[];
  readonly [member: string]: unknown;
}

const instant = expect.stringMatching(/^\d{4}-.*Z$/) as string;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`the history of an appointment, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let doctor: Login;
    let operator: Login;
    let patient: Login;
    let url: string;
    let day = 2;

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({}, database);
      doctor = await signIn(clinic, 'doctor');
      operator = await signIn(clinic, 'operator');
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
      const { body } = await ask(`${clinic.url}/api/appointments`, {
        token: patient.token,
        body: { doctorId: doctor.user.id, startsAt: slot(0, ++day), reason: 'knee' },
      });
      url = `${clinic.url}/api/appointments/${String(body['id'])}`;
    });

    it('says who changed what, oldest first', async () => {
      await ask(url, { token: patient.token, method: 'PATCH', body: { startsAt: slot(4, day) } });
      await ask(url, { token: patient.token, method: 'PATCH', body: { reason: 'hip' } });
      await ask(url, { token: patient.token, method: 'PATCH', body: { reason: 'hip' } });
      await ask(`${url}/cancel`, { token: doctor.token, body: { reason: 'ill' } });

      const items = await history(patient);

      const { id, name } = patient.user;
      expect(items).toMatchObject([
        {
          type: 'appointment.created',
          at: instant,
          by: id,
          byName: name,
          changes: [
            { field: 'startsAt', from: null, to: slot(0, day) },
            { field: 'durationMinutes', from: null, to: 30 },
            { field: 'reason', from: null, to: 'knee' },
            { field: 'status', from: null, to: 'booked' },
          ],
        },
        {
          type: 'appointment.rescheduled',
          by: id,
          changes: [{ field: 'startsAt', from: slot(0, day), to: slot(4, day) }],
        },
        { type: 'appointment.updated', by: id, changes: [{ field: 'reason', from: 'knee', to: 'hip' }] },
        {
          type: 'appointment.cancelled',
          by: doctor.user.id,
          byName: doctor.user.name,
          changes: [
            { field: 'status', from: 'booked', to: 'cancelled' },
            { field: 'cancellationReason', from: null, to: 'ill' },
          ],
        },
      ]);
    });

    it('says to whom each event was delivered, and to those who aren’t doctors when it was seen', async () => {
      await ask(`${url}/status`, { token: doctor.token, method: 'PUT', body: { status: 'arrived' } });
      const { items } = (
        await ask<{ items: { id: number; cursor: string }[] }>(
          `${clinic.url}/api/notifications?after=earliest`,
          { token: patient.token },
        )
      ).body;
      await ask(`${clinic.url}/api/notifications/ack`, {
        token: patient.token,
        body: { upTo: items[0]?.cursor },
      });
      await ask(`${clinic.url}/api/notifications/${items[0]?.id}`, {
        token: patient.token,
        method: 'PATCH',
        body: { isSeen: true },
      });

      for (const reader of [patient, operator]) {
        expect((await history(reader)).map(({ recipients }) => recipients)).toEqual([
          [
            { role: 'patient', deliveredAt: instant, seenAt: instant },
            { role: 'doctor', deliveredAt: null, seenAt: null },
          ],
          [
            { role: 'patient', deliveredAt: null, seenAt: null },
            { role: 'doctor', deliveredAt: null, seenAt: null },
          ],
        ]);
      }
      expect((await history(doctor)).map(({ recipients }) => recipients)).toEqual([
        [
          { role: 'patient', deliveredAt: instant },
          { role: 'doctor', deliveredAt: null },
        ],
        [
          { role: 'patient', deliveredAt: null },
          { role: 'doctor', deliveredAt: null },
        ],
      ]);
    });

    it('has nothing of a change that was refused', async () => {
      await ask(url, { token: patient.token, method: 'PATCH', body: { startsAt: '2001-01-01T09:00:00Z' } });
      await ask(`${url}/status`, { token: patient.token, method: 'PUT', body: { status: 'arrived' } });

      expect((await history(patient)).map(({ type }) => type)).toEqual(['appointment.created']);
    });

    it('is not there for others', async () => {
      const stranger = await newPatient(clinic);

      const answer = await ask(`${url}/history`, { token: stranger.token });

      expect(problemOf(answer)).toEqual({ status: 404, code: 'not_found' });
    });

    async function history({ token }: Login): Promise<PastEvent[]> {
      return (await ask<{ items: PastEvent[] }>(`${url}/history`, { token })).body.items;
    }
  });
}
