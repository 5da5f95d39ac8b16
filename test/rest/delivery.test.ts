import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { postgres, sqlite } from '../databases.js';
import { PushService } from '../push-service.js';
import { ask, newPatient, openClinic, problemOf, signIn, slot, type Clinic, type Login } from './clinic.js';

const settings = {
  PUSH_PRIVATE_HOSTS: '127.0.0.1',
  LIMIT_PUSH_AFTER_MS: '20',
  LIMIT_DELIVERY_POLL_MS: '20',
  LIMIT_DELIVERY_RETRY_MS: '20',
};

interface Story {
  readonly alert: Readonly<Record<string, unknown>>;
  readonly recipient: Readonly<Record<string, unknown>>;
  readonly by: Readonly<Record<string, unknown>> | null;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly state: string;
    readonly target: string | null;
    readonly reason: string | null;
    readonly steps: readonly Readonly<Record<string, string>>[];
  }[];
  readonly ways: readonly { readonly channel: string; readonly reason: string | null }[];
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

describe.each([sqlite, postgres])('what operators see of delivery, on $name', (kind) => {
  describe.skipIf(!kind.isHere)('', () => {
    let clinic: Clinic;
    let service: PushService;
    let operator: Login;
    let patient: Login;
    let pushKey: string;
    let drop: () => Promise<void>;

    beforeAll(async () => {
      const database = await kind.create();
      drop = () => database.drop();
      service = await PushService.start();
      clinic = await openClinic(settings, database);
      operator = await signIn(clinic, 'operator');
      ({ pushKey } = (await ask<{ pushKey: string }>(`${clinic.url}/api/channels`, operator)).body);
    });
    afterAll(async () => {
      await clinic.close();
      await service.stop();
      await drop();
    });
    beforeEach(async () => {
      patient = await newPatient(clinic);
    });

    it('follows an alert from the change to a device that is gone, without a word of what it says', async () => {
      await subscribe('Firefox on Android', 410);
      const doctor = await signIn(clinic, 'doctor');
      const { id } = await book(doctor, 0, 'My left knee');
      const [created] = (await alerts()).items;

      const { alert, recipient, by, deliveries, ways } = await over(created!.id);

      expect(alert).toMatchObject({
        type: 'appointment.created',
        kind: 'appointment.created',
        appointmentId: id,
        startsAt: slot(0),
        isCritical: false,
        isOwnAct: false,
        deliveredAt: null,
        seenAt: null,
      });
      expect(recipient).toEqual({ id: patient.user.id, name: 'Rita Reader', role: 'patient' });
      expect(by).toEqual({ id: doctor.user.id, name: 'Dr. Amara Osei' });
      expect(deliveries).toMatchObject([
        { channel: 'push', state: 'failed', target: 'Firefox on Android', reason: 'answered_410' },
      ]);
      expect(deliveries[0]!.steps.map(({ step }) => step)).toEqual(['planned', 'failed']);
      expect(ways).toEqual([
        { channel: 'inApp', reason: null },
        { channel: 'push', reason: null },
        { channel: 'email', reason: 'no_channel' },
        { channel: 'sms', reason: 'no_channel' },
      ]);
      expect(JSON.stringify(await story(created!.id))).not.toContain('knee');
    });

    it('says by which browser it was shown, when that kept a push back', async () => {
      const body = { email: 'patient2@example.org', password: 'carillon' };
      const headers = { 'User-Agent': 'Firefox/140.0' };
      patient = (await ask<Login>(`${clinic.url}/api/auth/login`, { body, headers })).body;
      await subscribe('Tablet');
      const id = await tell('Hello', { held: true });

      await post('/notifications/shown', { ids: [id] });

      const [push] = (await story(id)).deliveries;
      expect(push).toMatchObject({ state: 'skipped', reason: 'shown' });
      expect(push?.steps.at(-1)).toMatchObject({ step: 'skipped', device: 'Firefox/140.0' });
    });

    it.each([
      ['of one’s own act', { type: 'appointment.created', own: true }, {}, 'own_act'],
      ['of a kind that is switched off', {}, { kinds: { message: { push: false } } }, 'switched_off'],
    ])('says why an alert %s went nowhere', async (_, options, wishes, reason) => {
      await subscribe('Tablet');
      await ask(`${clinic.url}/api/preferences`, { ...patient, method: 'PATCH', body: wishes });

      const id = await tell('Hello', options);

      expect(await reasonFor(id, 'push')).toBe(reason);
    });

    it('says that there is no device, and nothing where one was added since', async () => {
      const id = await tell('Hello');
      expect(await reasonFor(id, 'push')).toBe('nowhere');

      await subscribe('New one');

      expect(await reasonFor(id, 'push')).toBe(null);
    });

    it('lists the alerts of one person, the newest first, page by page', async () => {
      const ids = [];
      for (let i = 0; i < 3; i++) ids.push(await tell(`Word ${i}`));

      const first = await alerts('&limit=2');
      const second = await alerts(`&limit=2&before=${first.next}`);

      expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      expect(second.items.map(({ id }) => id)).toEqual([ids[0]]);
      expect(second.next).toBe(null);
      expect(JSON.stringify(first)).not.toContain('Word');
    });

    it('counts what became of deliveries, and why', async () => {
      await subscribe('Tablet', 404);
      await over(await tell('Hello'));

      const { body } = await get<{ since: string; tallies: Readonly<Record<string, unknown>>[] }>(
        '/deliveries/summary',
      );

      expect(body).toMatchObject({ channels: ['push'], since: expect.stringMatching(/Z$/) as string });
      expect(body.tallies).toContainEqual({
        channel: 'push',
        state: 'failed',
        reason: 'answered_404',
        count: expect.any(Number) as number,
      });
    });

    it('lists devices by person, and tells nobody their endpoints', async () => {
      await subscribe('Tablet');

      const { body } = await get<Page<unknown>>(`/deliveries/devices?userId=${patient.user.id}`);

      expect(body).toMatchObject({
        items: [{ userName: 'Rita Reader', name: 'Tablet', service: new URL(service.origin).host }],
        next: null,
      });
      expect(JSON.stringify(body)).not.toContain('/push/');
      expect((await get<Page<{ name: string }>>('/deliveries/devices?limit=1')).body.items[0]!.name).toBe(
        'Tablet',
      );
    });

    it('lists the reminders of one person by name', async () => {
      const { id } = await book(patient, 4);

      const { body } = await get<Page<unknown>>(`/reminders?recipientId=${patient.user.id}`);

      expect(body.items).toMatchObject([
        { appointmentId: id, recipientName: 'Rita Reader', state: 'planned', offsetMinutes: 1440 },
        { appointmentId: id, recipientName: 'Rita Reader', state: 'planned', offsetMinutes: 120 },
      ]);
      await post(`/appointments/${id}/cancel`, { reason: 'Away' });
      const withdrawn = await get<Page<unknown>>(`/reminders?recipientId=${patient.user.id}&state=withdrawn`);
      expect(withdrawn.body.items).toHaveLength(2);
    });

    it.each(['/alerts?userId=1', '/alerts/1', '/deliveries/summary', '/deliveries/devices'])(
      'refuses %s to everybody else',
      async (path) => {
        for (const login of [patient, await signIn(clinic, 'doctor')])
          expect(problemOf(await ask(`${clinic.url}/api${path}`, login))).toEqual({
            status: 403,
            code: 'forbidden',
          });
      },
    );

    it('knows nothing of whom, and of what, there isn’t', async () => {
      for (const path of ['/alerts?userId=999999', '/alerts/999999'])
        expect(problemOf(await get(path))).toEqual({ status: 404, code: 'not_found' });
      expect(problemOf(await get('/alerts'))).toEqual({ status: 400, code: 'invalid_request' });
    });

    function get<T = Record<string, unknown>>(path: string) {
      return ask<T>(`${clinic.url}/api${path}`, operator);
    }

    function post(path: string, body: unknown) {
      return ask(`${clinic.url}/api${path}`, { token: patient.token, body });
    }

    async function alerts(query = '') {
      return (await get<Page<{ id: number }>>(`/alerts?userId=${patient.user.id}${query}`)).body;
    }

    async function story(id: number): Promise<Story> {
      return (await get<Story>(`/alerts/${id}`)).body;
    }

    /** When nothing of it waits any more. */
    async function over(id: number): Promise<Story> {
      for (;;) {
        const told = await story(id);
        if (told.deliveries.length > 0 && told.deliveries.every(({ state }) => state !== 'waiting'))
          return told;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }

    async function reasonFor(id: number, channel: string): Promise<string | null | undefined> {
      return (await story(id)).ways.find((way) => way.channel === channel)?.reason;
    }

    async function book(by: Login, cell: number, reason?: string): Promise<{ id: number }> {
      const { body } = await ask<{ id: number }>(`${clinic.url}/api/appointments`, {
        token: by.token,
        body: {
          doctorId: (await signIn(clinic, 'doctor')).user.id,
          patientId: patient.user.id,
          startsAt: slot(cell),
          reason,
        },
      });
      return body;
    }

    async function tell(message: string, { type = 'message', own = false, held = false } = {}) {
      if (held)
        await ask(`${clinic.url}/api/preferences`, {
          token: patient.token,
          method: 'PATCH',
          body: { quietHours: { from: clock(-60), to: clock(60), zone: 'UTC' } },
        });
      const notifications = clinic.application.get(NotificationService);
      const data = own ? { by: patient.user.id } : {};
      return (await notifications.sendNotification(patient.user.id, message, { type, data })).id;
    }

    /** @param status what its push service answers to the first push */
    async function subscribe(name: string, status?: number): Promise<void> {
      const subscription = service.subscribe(pushKey);
      if (status !== undefined)
        service.answerNext(subscription.path, (_, response) => response.writeHead(status).end());
      await post('/devices', { ...subscription, name });
    }

    /** By UTC, some minutes from now. */
    function clock(minutes: number): string {
      return new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
    }
  });
});
