import { describe, expect, it } from 'vitest';
import { postgres, sqlite } from '../databases.js';
import { ask, newPatient, problemOf, signIn, slot, type Login } from './clinic.js';
import { oneAppointment } from './one-appointment.js';

interface PastEvent {
  readonly type: string;
  readonly recipients: readonly Record<string, unknown>[];
  readonly [member: string]: unknown;
}

const instant = expect.stringMatching(/^\d{4}-.*Z$/) as string;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`the history of an appointment, on ${kind.name}`, () => {
    const here = oneAppointment(kind, { reason: 'knee' });

    it('says who changed what, oldest first', async () => {
      await ask(here.url, {
        token: here.patient.token,
        method: 'PATCH',
        body: { startsAt: slot(4, here.day) },
      });
      await ask(here.url, { token: here.patient.token, method: 'PATCH', body: { reason: 'hip' } });
      await ask(here.url, { token: here.patient.token, method: 'PATCH', body: { reason: 'hip' } });
      await ask(`${here.url}/cancel`, { token: here.doctor.token, body: { reason: 'ill' } });

      const items = await history(here.patient);

      const { id, name } = here.patient.user;
      expect(items).toMatchObject([
        {
          type: 'appointment.created',
          at: instant,
          by: id,
          byName: name,
          changes: [
            { field: 'startsAt', from: null, to: slot(0, here.day) },
            { field: 'durationMinutes', from: null, to: 30 },
            { field: 'reason', from: null, to: 'knee' },
            { field: 'status', from: null, to: 'booked' },
          ],
        },
        {
          type: 'appointment.rescheduled',
          by: id,
          changes: [{ field: 'startsAt', from: slot(0, here.day), to: slot(4, here.day) }],
        },
        { type: 'appointment.updated', by: id, changes: [{ field: 'reason', from: 'knee', to: 'hip' }] },
        {
          type: 'appointment.cancelled',
          by: here.doctor.user.id,
          byName: here.doctor.user.name,
          changes: [
            { field: 'status', from: 'booked', to: 'cancelled' },
            { field: 'cancellationReason', from: null, to: 'ill' },
          ],
        },
      ]);
    });

    it('says to whom each event was delivered, and to those who aren’t doctors when it was seen', async () => {
      await ask(`${here.url}/status`, {
        token: here.doctor.token,
        method: 'PUT',
        body: { status: 'arrived' },
      });
      const { items } = (
        await ask<{ items: { id: number; cursor: string }[] }>(
          `${here.clinic.url}/api/notifications?after=earliest`,
          { token: here.patient.token },
        )
      ).body;
      await ask(`${here.clinic.url}/api/notifications/ack`, {
        token: here.patient.token,
        body: { upTo: items[0]?.cursor },
      });
      await ask(`${here.clinic.url}/api/notifications/${items[0]?.id}`, {
        token: here.patient.token,
        method: 'PATCH',
        body: { isSeen: true },
      });

      for (const reader of [here.patient, await signIn(here.clinic, 'operator')]) {
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
      expect((await history(here.doctor)).map(({ recipients }) => recipients)).toEqual([
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

    it('has what was said to the patient, among what happened', async () => {
      const { token } = here.doctor;
      for (const message of ['Bring the letter', 'And your card'])
        await ask(`${here.url}/message`, { token, body: { message } });
      await ask(`${here.url}/cancel`, { token, body: {} });

      const items = await history(here.patient);

      const { id, name } = here.doctor.user;
      const of = { by: id, byName: name, at: instant };
      const recipients = [{ role: 'patient', deliveredAt: null, seenAt: null }];
      expect(items.slice(1, 3)).toEqual([
        { ...of, type: 'message', changes: [], text: 'Bring the letter', recipients },
        { ...of, type: 'message', changes: [], text: 'And your card', recipients },
      ]);
      expect(items.map(({ type }) => type)).toEqual([
        ...['appointment.created', 'message', 'message', 'appointment.cancelled'],
      ]);
    });

    it('has nothing of a change that was refused', async () => {
      await ask(here.url, {
        token: here.patient.token,
        method: 'PATCH',
        body: { startsAt: '2001-01-01T09:00:00Z' },
      });
      await ask(`${here.url}/status`, {
        token: here.patient.token,
        method: 'PUT',
        body: { status: 'arrived' },
      });

      expect((await history(here.patient)).map(({ type }) => type)).toEqual(['appointment.created']);
    });

    it('is not there for others', async () => {
      const stranger = await newPatient(here.clinic);

      const answer = await ask(`${here.url}/history`, { token: stranger.token });

      expect(problemOf(answer)).toEqual({ status: 404, code: 'not_found' });
    });

    async function history({ token }: Login): Promise<PastEvent[]> {
      return (await ask<{ items: PastEvent[] }>(`${here.url}/history`, { token })).body.items;
    }
  });
}
