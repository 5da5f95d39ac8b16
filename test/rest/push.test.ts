import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { claimDue } from '../../src/clinic/delivery/delivery-table.js';
import { Store } from '../../src/library/store/store.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { postgres, sqlite } from '../databases.js';
import { PushService, type Push } from '../push-service.js';
import { ask, newPatient, openClinic, type Clinic, type Login } from './clinic.js';

const settings = {
  PUSH_PRIVATE_HOSTS: '127.0.0.1',
  PUSH_CONTACT: 'mailto:desk@clinic.example',
  LIMIT_PUSH_AFTER_MS: '700',
  LIMIT_CRITICAL_PUSH_MS: '900',
  LIMIT_DELIVERY_POLL_MS: '20',
  LIMIT_DELIVERY_RETRY_MS: '20',
  LIMIT_DELIVERY_MS: '800',
  LIMIT_DELIVERY_ATTEMPTS: '3',
  LIMIT_DELIVERY_OUTAGE_MS: '50',
  LIMIT_PUSH_SWEEP_MS: '20',
  LIMIT_PUSH_TESTS_PER_HOUR: '3',
};

describe.each([sqlite, postgres])('push, on $name', (kind) => {
  describe.skipIf(!kind.isHere)('', () => {
    let clinic: Clinic;
    let service: PushService;
    let patient: Login;
    let drop: () => Promise<void>;
    let pushKey: string;

    beforeAll(async () => {
      const database = await kind.create();
      drop = () => database.drop();
      service = await PushService.start();
      clinic = await openClinic(settings, database);
      const { token } = await newPatient(clinic);
      pushKey = (await ask<{ pushKey: string }>(`${clinic.url}/api/channels`, { token })).body.pushKey;
    });
    afterAll(async () => {
      await clinic.close();
      await service.stop();
      await drop();
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
      return () => {
        if (service.faults.length > 0) throw new Error(service.faults.join('\n'));
      };
    });

    it('says no more than that there is something, unless its reader lets it', async () => {
      await subscribe();
      await tell('Bring your X-ray of the left knee');
      const minimal = await service.next();

      await change({ noticeDetail: 'full' });
      await tell('Bring your X-ray of the left knee');
      const full = await service.next();

      expect(minimal).toMatchObject({
        payload: { title: 'Carillon', text: 'You have a new message', isCritical: false },
        urgency: 'normal',
        vapid: { sub: 'mailto:desk@clinic.example', aud: service.origin },
      });
      expect(full.payload).toMatchObject({ text: 'Bring your X-ray of the left knee' });
      expect(full.body.includes('knee')).toBe(false);
    });

    it('goes to each device of a person once, and to nobody else’s', async () => {
      const other = await newPatient(clinic);
      await subscribe(other);
      const paths = [await subscribe(), await subscribe()];

      await tell('Hello');

      const pushes = [await service.next(), await service.next()];
      expect(pushes.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
      await settled();
      expect(service.taken).toEqual([]);
    });

    it('lasts until the appointment, and newer ones of one kind stand for older ones', async () => {
      await subscribe();
      const startsAt = new Date(Date.now() + 3 * 3_600_000).toISOString();

      await tell('Moved', { data: { startsAt }, supersedeKey: 'appointment/7/moved' });

      const { ttl, topic } = await service.next();
      expect(ttl).toBeGreaterThan(3 * 3_600 - 60);
      expect(ttl).toBeLessThanOrEqual(3 * 3_600);
      expect(topic).toMatch(/^[\w-]{32}$/);
    });

    it.each([
      ['seen', 'isSeen'],
      ['read', 'isRead'],
      ['archived', 'isArchived'],
    ])('isn’t sent of what was %s on another device', async (_, state) => {
      await subscribe();
      const id = await tell('Hello');

      await ask(`${clinic.url}/api/notifications/${id}`, {
        token: patient.token,
        method: 'PATCH',
        body: { [state]: true },
      });

      expect(await outcomesOf(id)).toEqual([['push', 'skipped', 'seen']]);
      expect(service.taken).toEqual([]);
    });

    it('isn’t sent of what a page in view has shown, but of another’s word', async () => {
      await subscribe();
      const other = await newPatient(clinic);
      const [mine, again] = [await tell('One'), await tell('Two')];

      await sayShown(patient, [mine]);
      await sayShown(other, [again]);

      expect((await service.next()).payload).toMatchObject({ notificationId: again });
      expect(await outcomesOf(mine)).toEqual([['push', 'skipped', 'shown']]);
    });

    it('isn’t sent of what its reader did, nor of kinds that they switched off', async () => {
      await subscribe();
      await change({ kinds: { message: { push: false } } });
      const own = await tell('You booked', { type: 'appointment.created', data: { by: patient.user.id } });
      const off = await tell('Hello');

      expect([await outcomesOf(own), await outcomesOf(off)]).toEqual([[], []]);
    });

    it('waits for the end of quiet hours, or for their change', async () => {
      await subscribe();
      await change({ quietHours: { from: clock(-60), to: clock(60), zone: 'UTC' } });
      const id = await tell('Hello');
      await stepOf(id, 'held');
      expect(service.taken).toEqual([]);

      await change({ quietHours: null });

      expect((await service.next()).payload).toMatchObject({ notificationId: id });
    });

    describe('where the push service', () => {
      it.each([404, 410])('says %i, the device is forgotten', async (status) => {
        const path = await subscribe();
        service.answerNext(path, (_, response) => response.writeHead(status).end());

        const id = await tell('Hello');

        expect(await outcomesOf(id)).toEqual([['push', 'failed', `answered_${status}`]]);
        expect(await devices()).toEqual([]);
      });

      it('asks for patience, it is tried again then, and no earlier', async () => {
        const path = await subscribe();
        let asked = 0;
        service.answerNext(path, (_, response) => {
          asked = performance.now();
          response.writeHead(429, { 'Retry-After': '1' }).end();
        });

        await tell('Hello');

        await service.next();
        expect(performance.now() - asked).toBeGreaterThanOrEqual(1_000);
      });

      it('hangs, it is tried again', async () => {
        const path = await subscribe();
        service.answerNext(path, () => undefined);

        const id = await tell('Hello');
        await service.next();

        expect(await outcomesOf(id)).toEqual([['push', 'sent', null]]);
        expect(await reasonsOf(id)).toContain('timeout');
      });

      it('hangs, others aren’t held up', async () => {
        const hanging = await PushService.start();
        const stuck = hanging.subscribe(pushKey);
        hanging.answerNext(stuck.path, ...Array.from({ length: 9 }, () => () => undefined));
        await register(stuck, patient);
        const path = await subscribe();

        const id = await tell('Hello');

        expect((await service.next()).path).toBe(path);
        expect((await rowsFor(id)).map(({ state }) => state)).toContain('waiting');
        await hanging.stop();
      });

      it('cuts the line, it is tried again', async () => {
        const path = await subscribe();
        service.answerNext(path, (request) => request.destroy());

        await tell('Hello');

        await service.next();
      });

      it('sends it elsewhere, it goes nowhere', async () => {
        const path = await subscribe();
        const elsewhere = service.subscribe(pushKey);
        service.answerNext(path, (_, response) =>
          response.writeHead(307, { Location: elsewhere.endpoint }).end(),
        );

        const id = await tell('Hello');

        expect(await outcomesOf(id)).toEqual([['push', 'failed', 'answered_307']]);
        expect(service.requests).not.toContain(elsewhere.path);
      });

      it('never takes it, it fails after so many attempts, and says why', async () => {
        const path = await subscribe();
        const refuse = (_: unknown, response: { writeHead(status: number): { end(): void } }): void =>
          response.writeHead(503).end();
        service.answerNext(path, ...Array.from({ length: 20 }, () => refuse));
        const id = await tell('Hello');

        expect(await outcomesOf(id)).toEqual([['push', 'failed', 'answered_503']]);
      });
    });

    it('that a node had taken when it died comes from another, as the same', async () => {
      await subscribe();
      const id = await tell('Hello');
      const claim = { channel: 'push', limit: 100, until: new Date(Date.now() + 500) } as const;
      const later = new Date(Date.now() + 60_000);
      const taken = await clinic.application
        .get(Store)
        .write(({ manager }) => claimDue(manager, { ...claim, now: later }));

      expect(taken).toMatchObject([{ notificationId: id, attempts: 1 }]);
      expect((await service.next()).payload).toMatchObject({ notificationId: id });
      expect(await rowsFor(id)).toMatchObject([{ attempts: 2 }]);
    });

    describe('a critical alert', () => {
      it('is pushed though a page has shown it, it is night, and the kind is off', async () => {
        await subscribe();
        await change({
          quietHours: { from: clock(-60), to: clock(60), zone: 'UTC' },
          kinds: { 'appointment.cancelled': { push: false } },
        });
        const id = await tellCancelled(3_600_000);

        await sayShown(patient, [id]);

        const push: Push = await service.next();
        expect(push).toMatchObject({ urgency: 'high', payload: { notificationId: id, isCritical: true } });
      });

      it('stops where it is seen', async () => {
        await subscribe();
        const id = await tellCancelled(3_600_000);

        await ask(`${clinic.url}/api/notifications/${id}`, {
          token: patient.token,
          method: 'PATCH',
          body: { isSeen: true },
        });

        expect(await outcomesOf(id)).toEqual([['push', 'skipped', 'seen']]);
      });

      it('is none a day and more before the appointment', async () => {
        await subscribe();
        const id = await tellCancelled(25 * 3_600_000);

        await service.next();
        expect((await rowsFor(id))[0]).toMatchObject({ is_critical: 0 });
      });
    });

    describe('a device', () => {
      it('belongs to the person who used that browser last', async () => {
        const subscription = service.subscribe(pushKey);
        const other = await newPatient(clinic);
        await register(subscription, patient);
        await register(subscription, other);

        expect(await devices()).toEqual([]);
        expect(await devices(other)).toHaveLength(1);
      });

      it('goes with the login that brought it', async () => {
        await subscribe();

        await ask(`${clinic.url}/api/auth/logout`, { token: patient.token, method: 'POST' });

        await until(async () => (await pushRows(patient)).length === 0);
      });

      it('is the eleventh, and the oldest one goes', async () => {
        for (let i = 0; i < 11; i++) await subscribe();

        const ids = await devices();
        expect(ids).toHaveLength(10);
      });

      it('is tested, and what its push service said is told', async () => {
        const path = await subscribe();
        const [device] = await devices();
        const test = `${clinic.url}/api/devices/${device?.id}/test`;

        const { body: taken } = await ask(test, { token: patient.token, method: 'POST' });
        const push = await service.next();
        service.answerNext(path, (_, response) => response.writeHead(403).end());
        const { body: refused } = await ask(test, { token: patient.token, method: 'POST' });

        expect(taken).toEqual({ result: 'sent', reason: null });
        expect(push.payload).toMatchObject({ text: 'This device gets your alerts' });
        expect(refused).toEqual({ result: 'refused', reason: 'answered_403' });
      });

      it('isn’t tested without end', async () => {
        await subscribe();
        const [device] = await devices();
        const statuses = [];
        for (let i = 0; i < 4; i++) {
          const { status } = await ask(`${clinic.url}/api/devices/${device?.id}/test`, {
            token: patient.token,
            method: 'POST',
          });
          statuses.push(status);
        }
        for (let i = 0; i < 3; i++) await service.next();

        expect(statuses).toEqual([200, 200, 200, 429]);
      });

      it.each([
        'http://push.example.org/x',
        'https://10.0.0.1/x',
        'https://0x0a.1/x',
        'https://[::1]/x',
        'https://[::ffff:10.0.0.1]/x',
        'https://user:password@push.example.org/x',
        'https://localhost/x',
        'file:///etc/passwd',
        'nonsense',
      ])('isn’t one at %s', async (endpoint) => {
        const { status } = await register({ ...service.subscribe(pushKey), endpoint }, patient);

        expect(status).toBe(400);
      });
    });

    async function subscribe(who: Login = patient): Promise<string> {
      const subscription = service.subscribe(pushKey);
      const { status } = await register(subscription, who);
      expect(status).toBe(201);
      return subscription.path;
    }

    function register(body: object, { token }: Login) {
      return ask(`${clinic.url}/api/devices`, { token, body });
    }

    async function tell(message: string, options: object = {}): Promise<number> {
      const notifications = clinic.application.get(NotificationService);
      const { id } = await notifications.sendNotification(patient.user.id, message, options);
      return id;
    }

    function tellCancelled(inMs: number): Promise<number> {
      const startsAt = new Date(Date.now() + inMs).toISOString();
      return tell('Cancelled', { type: 'appointment.cancelled', data: { startsAt } });
    }

    function change(body: object) {
      return ask(`${clinic.url}/api/preferences`, { token: patient.token, method: 'PATCH', body });
    }

    function sayShown({ token }: Login, ids: readonly number[]) {
      return ask(`${clinic.url}/api/notifications/shown`, { token, body: { ids } });
    }

    async function devices({ token }: Login = patient): Promise<{ id: number }[]> {
      return (await ask<{ items: { id: number }[] }>(`${clinic.url}/api/devices`, { token })).body.items;
    }

    function query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
      return rowsOf<Row>(clinic.application.get(Store).read, sql, parameters);
    }

    function rowsFor(notificationId: number) {
      return query<{
        channel: string;
        state: string;
        reason: string | null;
        steps: string;
        is_critical: number;
      }>('select * from delivery where notification_id = $1 order by id', [notificationId]);
    }

    async function reasonsOf(id: number): Promise<(string | undefined)[]> {
      const rows = await rowsFor(id);
      return rows.flatMap(({ steps }) =>
        (JSON.parse(steps) as { reason?: string }[]).map(({ reason }) => reason),
      );
    }

    function pushRows({ user }: Login) {
      return query('select id from push_device where user_id = $1', [user.id]);
    }

    /** When nothing of it waits any more. */
    async function outcomesOf(id: number): Promise<(string | null)[][]> {
      let rows = await rowsFor(id);
      await until(async () => {
        rows = await rowsFor(id);
        return rows.every(({ state }) => state !== 'waiting');
      });
      return rows.map(({ channel, state, reason }) => [channel, state, reason]);
    }

    async function settled(): Promise<void> {
      await until(
        async () =>
          (await query(`select id from delivery where state = 'waiting' and user_id = $1`, [patient.user.id]))
            .length === 0,
      );
    }

    function stepOf(id: number, step: string): Promise<void> {
      return until(async () => (await rowsFor(id)).some(({ steps }) => steps.includes(`"${step}"`)));
    }
  });
});

describe.skipIf(!postgres.isHere)(`nodes that share ${postgres.name}`, () => {
  it('push each alert once between them', async () => {
    const database = await postgres.create();
    const service = await PushService.start();
    const patience = { ...settings, LIMIT_DELIVERY_MS: '10000' };
    const [one, two] = [await openClinic(patience, database), await openClinic(patience, database)];
    const { user, token } = await newPatient(one);
    const { pushKey } = (await ask<{ pushKey: string }>(`${two.url}/api/channels`, { token })).body;
    await ask(`${two.url}/api/devices`, { token, body: service.subscribe(pushKey) });

    const entries = Array.from({ length: 40 }, (_, i) => ({ userId: user.id, message: `No. ${i}` }));
    const sent = await one.application.get(NotificationService).sendNotifications(entries);

    const pushed: unknown[] = [];
    while (pushed.length < sent.length) pushed.push((await service.next()).payload);
    const ids = pushed.map((payload) => (payload as { notificationId: number }).notificationId);
    expect(ids.toSorted((a, b) => a - b)).toEqual(sent.map(({ id }) => id));
    await Promise.all([one.close(), two.close()]);
    expect(service.taken).toEqual([]);
    await service.stop();
    await database.drop();
  });
});

/** `HH:MM` so many minutes from now, in UTC. */
function clock(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
