import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertReminders } from '../../src/clinic/appointments/reminder-table.js';
import { Reminders } from '../../src/clinic/appointments/reminders.js';
import { Metrics } from '../../src/clinic/ops/metrics.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { FakeClock } from '../../src/library/testing/fake-clock.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Told {
  readonly type: string;
  readonly message: string;
  readonly data: Record<string, unknown>;
  readonly isRead: boolean;
}

interface Row {
  readonly offset_minutes: number;
  readonly state: string;
  readonly reason: string | null;
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`reminders on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let clock: FakeClock;
    let doctor: Login;
    let patient: Login;
    /** At nine by Berlin's clock, on a day that no other test has. */
    let start: number;

    beforeAll(async () => {
      database = await kind.create();
      clock = new FakeClock(Date.UTC(2027, 0, 4, 11));
      clinic = await openClinic({ LIMIT_REMINDER_BATCH: '3' }, database, clock);
      doctor = await signIn(clinic, 'doctor');
      start = Date.UTC(2027, 0, 7, 8);
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
      start += DAY;
      setTo(start - 3 * DAY);
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    it('come a day and two hours before, once each, in words of the clinic’s clock', async () => {
      const id = await book();

      await passTo(start - DAY - 1);
      expect(await reminders()).toEqual([]);
      await passTo(start - DAY);
      await passTo(start - 2 * HOUR - 1);
      const [first, ...more] = await reminders();
      expect(more).toEqual([]);
      expect(first).toMatchObject({
        message: expect.stringMatching(
          /^Reminder: your appointment with Dr\. Amara Osei is on .*, 09:00–09:30 CET\.$/,
        ) as string,
        data: { appointmentId: id, startsAt: new Date(start).toISOString(), offsetMinutes: 1440 },
      });

      await passTo(start - 2 * HOUR);
      await passTo(start);
      // The second stands for the first.
      expect((await reminders()).map(({ isRead }) => isRead)).toEqual([true, false]);
      expect(await rows(id)).toEqual([row(1440, 'sent'), row(120, 'sent')]);
    });

    it('of one moment leave others their turns', async () => {
      const id = await book();
      const store = clinic.application.get(Store);
      const recipients: number[] = [];
      for (let i = 0; i < 90; i++) recipients.push((await newPatient(clinic)).user.id);
      const times = { startsAt: new Date(start), dueAt: new Date(start - DAY), offsetMinutes: 1440 };
      const due = recipients.map((recipientId) => ({
        ...{ appointmentId: id, recipientId, state: 'planned' as const },
        ...times,
      }));
      await store.write(({ manager }) => insertReminders(manager, due, clock.now()));
      const waiting = async () => (await rows(id)).filter(({ state }) => state === 'planned').length;
      setTo(start - DAY);

      const sending = clinic.application.get(Reminders).sendDue();
      await prefer({ sound: false });
      const waitingThen = await waiting();
      await sending;

      // Three in a unit of work: the change of a preference came between two of them, and not after the last.
      expect(waitingThen).toBeGreaterThan(1);
      // The patient's own for two hours before.
      expect(await waiting()).toBe(1);
    });

    it('are looked for by the schedule', async () => {
      await book();
      const session = await connect(clinic, patient);
      const inbox = await session.subscribe('/user/queue/notifications');

      setTo(start - DAY);
      clock.pass(2_000);

      expect(await inbox.next()).toMatchObject({ type: 'appointment.reminder' });
      await session.close();
    });

    it('follow an appointment that is moved, and the old time is heard of no more', async () => {
      const id = await book();
      await passTo(start - DAY);
      expect(await unreadReminders()).toHaveLength(1);

      await change(id, { startsAt: new Date(start + 4 * HOUR).toISOString() });

      expect(await unreadReminders()).toEqual([]);
      await passTo(start - 20 * HOUR);
      await passTo(start - 2 * HOUR);
      await passTo(start + 2 * HOUR);
      const later = { startsAt: new Date(start + 4 * HOUR).toISOString() };
      expect((await reminders()).map(({ data }) => data)).toMatchObject([
        { startsAt: new Date(start).toISOString() },
        { ...later, offsetMinutes: 1440 },
        { ...later, offsetMinutes: 120 },
      ]);
      expect(await rows(id)).toEqual([
        row(1440, 'sent'),
        row(120, 'withdrawn', 'moved'),
        row(1440, 'sent'),
        row(120, 'sent'),
      ]);
    });

    it('come once though it is moved away and back', async () => {
      const id = await book();
      await change(id, { startsAt: new Date(start + 4 * HOUR).toISOString() });
      await change(id, { startsAt: new Date(start).toISOString() });

      await passTo(start - DAY);
      await change(id, { startsAt: new Date(start + 4 * HOUR).toISOString() });
      await change(id, { startsAt: new Date(start).toISOString() });
      await passTo(start - 2 * HOUR);
      await passTo(start + 2 * HOUR);

      expect((await reminders()).map(({ data }) => data)).toMatchObject([
        { offsetMinutes: 1440, startsAt: new Date(start).toISOString() },
        { offsetMinutes: 120, startsAt: new Date(start).toISOString() },
      ]);
    });

    it('stay as they are when only the length or the reason changes', async () => {
      const id = await book();
      await change(id, { durationMinutes: 45, reason: 'Knee' });

      await passTo(start - DAY);

      expect(await unreadReminders()).toMatchObject([
        { message: expect.stringContaining('09:00–09:45') as string },
      ]);
    });

    it('don’t come of what is cancelled a second before, and are read when it is cancelled after', async () => {
      const id = await book();
      await passTo(start - DAY);
      await passTo(start - 2 * HOUR - 1_000);

      await ask(`${clinic.url}/api/appointments/${id}/cancel`, { token: patient.token, body: {} });
      await passTo(start);

      expect(await rows(id)).toEqual([row(1440, 'sent'), row(120, 'withdrawn', 'cancelled')]);
      expect(await unread()).toMatchObject([{ type: 'appointment.cancelled' }]);
      expect(await reminders()).toHaveLength(1);
    });

    it('don’t come when the patient is there already', async () => {
      const id = await book();
      await passTo(start - 3 * HOUR);

      await ask(`${clinic.url}/api/appointments/${id}/status`, {
        token: doctor.token,
        method: 'PUT',
        body: { status: 'arrived' },
      });
      await passTo(start);

      expect(await rows(id)).toEqual([row(1440, 'sent'), row(120, 'withdrawn', 'arrived')]);
      expect(await unreadReminders()).toEqual([]);
    });

    it('whose time was past when it was booked are skipped, and say so', async () => {
      setTo(start - 90 * MINUTE);
      const id = await book();

      await passTo(start);

      expect(await rows(id)).toEqual([row(1440, 'skipped', 'too_late'), row(120, 'skipped', 'too_late')]);
      expect(await reminders()).toEqual([]);
    });

    it('that no node was there for come late, of several only the last', async () => {
      const id = await book();

      await passTo(start - 15 * MINUTE);

      expect(await rows(id)).toEqual([row(1440, 'skipped', 'overtaken'), row(120, 'sent')]);
      expect(await reminders()).toHaveLength(1);
    });

    it('that would come too late to act upon are skipped', async () => {
      const id = await book();
      await passTo(start - DAY);

      await passTo(start - 15 * MINUTE + 1);

      expect(await rows(id)).toEqual([row(1440, 'sent'), row(120, 'skipped', 'missed')]);
    });

    it('are sent once though many look for them at once', async () => {
      const ids = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((cell) => book(start + cell * 30 * MINUTE)));
      setTo(start - DAY + 4 * HOUR);

      await Promise.all(Array.from({ length: 5 }, () => clinic.application.get(Reminders).sendDue()));

      expect((await reminders()).map(({ data }) => data['appointmentId']).toSorted()).toEqual(ids.toSorted());
    });

    it('of one recipient that can’t be sent stop nobody else’s', async () => {
      const others = [await newPatient(clinic), await newPatient(clinic)];
      const ids = [
        await book(start, others[0]),
        await book(start + HOUR),
        await book(start + 2 * HOUR, others[1]),
      ];
      // An inbox that is gone: nobody's but a hand in the database does this.
      await clinic.application
        .get(Store)
        .write(({ manager }) => rowsOf(manager, 'delete from inbox where owner_id = $1', [patient.user.id]));

      await passTo(start - DAY + 2 * HOUR);

      expect((await Promise.all(ids.map(rows))).map(([first]) => first)).toEqual([
        row(1440, 'sent'),
        row(1440, 'skipped', 'failed'),
        row(1440, 'sent'),
      ]);
    });

    it('come when they are due by a clock that was set an hour ahead and back, and not again', async () => {
      const id = await book();
      await passTo(start - DAY - 30 * MINUTE);

      clock.stepWall(HOUR);
      await send();
      clock.stepWall(-HOUR);
      await send();
      await passTo(start - 2 * HOUR);

      expect(await rows(id)).toEqual([row(1440, 'sent'), row(120, 'sent')]);
      expect(await reminders()).toHaveLength(2);
    });

    it('follow what people want, also of what they have booked already', async () => {
      const id = await book();
      await prefer({ reminderOffsets: [120, 30] });
      await prefer({ reminderOffsets: [120, 60] });

      await passTo(start - DAY);
      await passTo(start - 2 * HOUR);
      await passTo(start - HOUR);

      expect(await rows(id)).toEqual([
        row(1440, 'withdrawn', 'unwanted'),
        row(120, 'sent'),
        row(60, 'sent'),
        row(30, 'withdrawn', 'unwanted'),
      ]);
    });

    it('come to doctors who ask for them', async () => {
      const id = await book();
      await prefer({ reminderOffsets: [45] }, doctor);
      const later = await book(start + HOUR);
      await prefer({ reminderOffsets: [] }, doctor);

      expect((await rows(id)).filter(({ offset_minutes }) => offset_minutes === 45)).toEqual([
        row(45, 'withdrawn', 'unwanted'),
      ]);
      expect(await rows(later)).toContainEqual(row(45, 'withdrawn', 'unwanted'));
    });

    it('are shown to operators by state, and to those of an appointment in its history', async () => {
      const id = await book();
      await passTo(start - DAY);
      const operator = await signIn(clinic, 'operator');
      const list = async (query: string, token = operator.token) => {
        const url = `${clinic.url}/api/reminders?${query}`;
        return ask<{ items: { appointmentId: number }[]; next: string | null }>(url, { token });
      };

      const [planned, sent] = [await list('limit=100'), await list('state=sent&limit=1')];
      const second = await list(`state=sent&limit=1&after=${sent.body.next}`);

      expect(planned.body.items).toContainEqual(
        expect.objectContaining({ appointmentId: id, offsetMinutes: 120, state: 'planned', reason: null }),
      );
      expect(sent.body.items[0]).toMatchObject({ appointmentId: id, offsetMinutes: 1440 });
      expect(second.body.items[0]?.appointmentId).toBeLessThan(id);
      expect((await list('', patient.token)).status).toBe(403);
      expect((await list('state=lost')).status).toBe(400);
      const history = await ask(`${clinic.url}/api/appointments/${id}/history`, { token: patient.token });
      expect(history.body['reminders']).toMatchObject([
        { role: 'patient', offsetMinutes: 1440, state: 'sent', deliveredAt: null, seenAt: null },
        {
          role: 'patient',
          offsetMinutes: 120,
          state: 'planned',
          dueAt: new Date(start - 2 * HOUR).toISOString(),
        },
      ]);
    });

    it('are counted in the metrics', async () => {
      await book();
      await passTo(start - DAY + 3_000);

      const metrics = await clinic.application.get(Metrics).text();

      expect(metrics).toMatch(/^carillon_reminders_total{result="sent"} [1-9]\d*$/m);
      expect(metrics).toMatch(/^carillon_reminder_lag_seconds 3$/m);
    });

    /** No timer fires: only `send` looks for what is due. */
    function setTo(moment: number): void {
      clock.stepWall(moment - clock.now());
    }

    async function passTo(moment: number): Promise<void> {
      setTo(moment);
      await send();
    }

    function send(): Promise<void> {
      return clinic.application.get(Reminders).sendDue();
    }

    async function book(at = start, { token } = patient): Promise<number> {
      const { body, status } = await ask<{ id: number }>(`${clinic.url}/api/appointments`, {
        token,
        body: { doctorId: doctor.user.id, startsAt: new Date(at).toISOString() },
      });
      expect(status).toBe(201);
      return body.id;
    }

    async function change(id: number, body: object): Promise<void> {
      const { status } = await ask(`${clinic.url}/api/appointments/${id}`, {
        token: patient.token,
        method: 'PATCH',
        body,
      });
      expect(status).toBe(200);
    }

    async function prefer(preferences: object, { token } = patient): Promise<void> {
      const { status } = await ask(`${clinic.url}/api/preferences`, {
        token,
        method: 'PATCH',
        body: preferences,
      });
      expect(status).toBe(200);
    }

    async function told(filter = 'all'): Promise<Told[]> {
      const url = `${clinic.url}/api/notifications?filter=${filter}&limit=100`;
      const { body } = await ask<{ items: Told[] }>(url, { token: patient.token });
      return body.items.toReversed();
    }

    const unread = () => told('unread');
    const areReminders = (all: Told[]) => all.filter(({ type }) => type === 'appointment.reminder');
    const reminders = async () => areReminders(await told());
    const unreadReminders = async () => areReminders(await unread());

    function rows(id: number): Promise<Row[]> {
      return rowsOf<Row>(
        clinic.application.get(Store).read,
        'select offset_minutes, state, reason from reminder where appointment_id = $1 order by starts_at, due_at',
        [id],
      );
    }
  });
}

function row(offset_minutes: number, state: string, reason: string | null = null): Row {
  return { offset_minutes, state, reason };
}
