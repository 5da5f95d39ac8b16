import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite } from '../databases.js';
import { ask, openClinic, problemOf, signIn, slot, type Clinic, type Login } from './clinic.js';

interface Found {
  readonly items: readonly { readonly id: number; readonly name: string; readonly email: string }[];
}

interface Inbox {
  readonly items: readonly { readonly type: string; readonly message: string; readonly data: object }[];
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`what the clinic does for a patient, on ${kind.name}`, () => {
    let clinic: Clinic;
    let patient: Login;
    let doctor: Login;
    let doctor2: Login;
    let operator: Login;
    let close: () => Promise<void>;
    let day = 1;

    beforeAll(async () => {
      const database = await kind.create();
      clinic = await openClinic({ LIMIT_PATIENT_MESSAGES: '3', LIMIT_FEED_READS: '5' }, database);
      close = async () => {
        await clinic.close();
        await database.drop();
      };
      [doctor, doctor2, operator] = (await Promise.all(
        ['doctor', 'doctor2', 'operator'].map((who) => signIn(clinic, who)),
      )) as [Login, Login, Login];
    });
    afterAll(() => close());
    beforeEach(async () => {
      day++;
      patient = await person(`Örs Ülle ${day}`);
    });

    describe('a search for patients', () => {
      it('finds by parts of name and address, in any case, and nobody else', async () => {
        const one = await person('Zoë Ångström-Ødegård', 'zoe.a@example.net');

        for (const words of ['ångst', 'ÅNGSTRÖM', 'zoë ødeg', 'ode zoe.a', 'ZOE.A@EXAMPLE.NET']) {
          const { status, body } = await search(doctor, words);
          expect({ words, status, found: body.items }).toEqual({
            words,
            status: 200,
            found: words.startsWith('ode')
              ? []
              : [{ id: one.user.id, name: one.user.name, email: one.user.email }],
          });
        }
        expect((await search(operator, 'osei')).body.items, 'a doctor').toEqual([]);
        expect((await search(operator, '%%')).body.items, 'no pattern').toEqual([]);
      });

      it('is for doctors and operators, and for two letters or more', async () => {
        expect(problemOf(await search(patient, 'paula'))).toEqual({ status: 403, code: 'forbidden' });
        expect(problemOf(await search(doctor, ' p '))).toEqual({ status: 400, code: 'invalid_request' });
      });

      it('gives twenty at most', async () => {
        for (let i = 0; i < 21; i++) await person(`Quentin ${i}`);

        expect((await search(doctor, 'quentin')).body.items).toHaveLength(20);
      });
    });

    describe('two appointments of a patient at one time', () => {
      it('are asked about, whoever books or moves, and made when they are confirmed', async () => {
        await book(patient, { startsAt: slot(4, day), durationMinutes: 60 });
        const elsewhere = { doctorId: doctor2.user.id, startsAt: slot(6, day) };

        const asked = await book(patient, elsewhere);
        const byOperator = await book(operator, { ...elsewhere, patientId: patient.user.id });
        const later = await book(patient, { ...elsewhere, startsAt: slot(8, day) });
        const moved = await change(later.body['id'], { startsAt: slot(3, day) });

        for (const answer of [asked, byOperator, moved]) {
          expect(problemOf(answer)).toEqual({ status: 409, code: 'double_booking' });
          expect(answer.body).toMatchObject({ startsAt: slot(4, day), endsAt: slot(8, day) });
        }
        expect(later.status).toBe(201);
        expect((await change(later.body['id'], { startsAt: slot(3, day), confirm: true })).status).toBe(200);
        expect((await book(patient, { ...elsewhere, confirm: true })).status).toBe(201);
      });

      it('are none when one of them was cancelled', async () => {
        const { body } = await book(patient, { startsAt: slot(4, day) });
        await ask(`${at(body['id'])}/cancel`, { ...patient, method: 'POST' });

        expect((await book(patient, { doctorId: doctor2.user.id, startsAt: slot(4, day) })).status).toBe(201);
      });
    });

    it('an appointment that was cancelled says by whom, when and why', async () => {
      const { body } = await book(patient, { startsAt: slot(0, day) });
      expect(body).not.toHaveProperty('cancellation');

      const { body: answer } = await ask(`${at(body['id'])}/cancel`, {
        ...doctor,
        body: { reason: 'I am ill' },
      });

      const cancellation = {
        at: expect.stringMatching(/Z$/) as string,
        by: doctor.user.id,
        byName: 'Dr. Amara Osei',
        reason: 'I am ill',
      };
      expect(answer).toMatchObject({ status: 'cancelled', cancellation });
      const { body: list } = await ask<{ items: object[] }>(`${clinic.url}/api/appointments`, patient);
      expect(list.items).toMatchObject([{ cancellation }]);
      expect((await ask(at(body['id']), patient)).body).toMatchObject({ cancellation });
    });

    describe('a word to a patient', () => {
      it('is a notification, sent once however often it is asked for', async () => {
        const { body } = await book(patient, { startsAt: slot(0, day) });
        const message = 'Please bring <b>the letter</b>';

        for (let i = 0; i < 2; i++) {
          const sent = await ask(`${at(body['id'])}/message`, {
            ...doctor,
            body: { message },
            headers: { 'Idempotency-Key': `word-${day}` },
          });
          expect(sent.status).toBe(204);
        }

        const { items } = (await ask<Inbox>(`${clinic.url}/api/notifications`, patient)).body;
        expect(items.filter(({ type }) => type === 'message')).toMatchObject([
          {
            message: expect.stringMatching(
              /^Dr\. Amara Osei about your appointment on .*, 08:00–08:30 CES?T: Please bring <b>the letter<\/b>$/,
            ) as string,
            data: { appointmentId: body['id'], by: doctor.user.id, text: message },
          },
        ]);
      });

      it('comes from its doctor or an operator, in bounds', async () => {
        const { body } = await book(patient, { startsAt: slot(0, day) });
        const say = (who: Login, message: string) =>
          ask(`${at(body['id'])}/message`, { ...who, body: { message } });

        expect(problemOf(await say(patient, 'Hello')).code).toBe('forbidden');
        expect(problemOf(await say(doctor2, 'Hello')).code).toBe('not_found');
        expect(problemOf(await say(operator, ' ')).code).toBe('invalid_request');
        expect(problemOf(await say(operator, 'x'.repeat(1_001))).code).toBe('invalid_request');
        for (let i = 0; i < 3; i++) expect((await say(operator, 'Hello')).status).toBe(204);
        expect(problemOf(await say(operator, 'Hello'))).toEqual({ status: 429, code: 'rate_limited' });
      });
    });

    describe('a calendar elsewhere', () => {
      it('has one appointment as a file, which says when it is cancelled', async () => {
        const { body } = await book(patient, { startsAt: slot(0, day), reason: 'Seeded secret' });

        const file = await text(`${at(body['id'])}/ics`, patient.token);

        expect(file.headers.get('content-type')).toMatch(/^text\/calendar/);
        expect(file.headers.get('content-disposition')).toBe(
          `attachment; filename=appointment-${String(body['id'])}.ics`,
        );
        expect(file.text).toContain('\r\nSUMMARY:Appointment with Dr. Amara Osei\r\n');
        expect(file.text).toContain('\r\nSTATUS:CONFIRMED\r\n');
        expect(file.text).not.toContain('Seeded');
        await ask(`${at(body['id'])}/cancel`, { ...patient, method: 'POST' });
        const after = await text(`${at(body['id'])}/ics`, patient.token);
        expect(after.text).toContain('\r\nSTATUS:CANCELLED\r\n');
        expect(after.text).toContain('\r\nSEQUENCE:2\r\n');
        expect(uidOf(after.text)).toBe(uidOf(file.text));
        expect((await text(`${at(body['id'])}/ics`, doctor.token)).text).toContain('SUMMARY:Appointment (ÖÜ');
      });

      it('reads them by an address that can be revoked', async () => {
        await book(patient, { startsAt: slot(0, day) });
        expect((await ask(feeds(), patient)).body).toEqual({ createdAt: null });

        const { status, body } = await ask<{ path: string; createdAt: string }>(feeds(), {
          ...patient,
          method: 'POST',
        });

        expect(status).toBe(201);
        expect((await ask(feeds(), patient)).body).toEqual({ createdAt: body.createdAt });
        const first = await text(`${clinic.url}/${body.path}`);
        expect(first).toMatchObject({ status: 200 });
        expect(first.text.match(/BEGIN:VEVENT/g)).toHaveLength(1);
        const etag = first.headers.get('etag') ?? '';
        expect((await text(`${clinic.url}/${body.path}`, undefined, { 'If-None-Match': etag })).status).toBe(
          304,
        );

        await book(patient, { startsAt: slot(8, day) });
        const second = await text(`${clinic.url}/${body.path}`, undefined, { 'If-None-Match': etag });
        expect(second.text.match(/BEGIN:VEVENT/g)).toHaveLength(2);

        const renewed = await ask<{ path: string }>(feeds(), { ...patient, method: 'POST' });
        expect((await text(`${clinic.url}/${body.path}`)).status, 'of the one before').toBe(404);
        expect((await text(`${clinic.url}/${renewed.body.path}`)).status).toBe(200);
        expect((await ask(feeds(), { ...patient, method: 'DELETE' })).status).toBe(204);
        expect((await text(`${clinic.url}/${renewed.body.path}`)).status, 'revoked').toBe(404);
      });

      it('may ask so often, and is kept as a hash alone', async () => {
        const { body } = await ask<{ path: string }>(feeds(), { ...patient, method: 'POST' });
        const token = body.path.replace('api/calendar/', '').replace('.ics', '');

        for (let i = 0; i < 5; i++) expect((await text(`${clinic.url}/${body.path}`)).status).toBe(200);

        const over = await text(`${clinic.url}/${body.path}`);
        expect(over.status).toBe(429);
        expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(3_000);
        const rows = await clinic.application.get(Store).read.query<object[]>('select * from calendar_feed');
        expect(rows.length).toBeGreaterThan(0);
        expect(JSON.stringify(rows)).not.toContain(token);
      });
    });

    function at(id: unknown): string {
      return `${clinic.url}/api/appointments/${String(id)}`;
    }

    function feeds(): string {
      return `${clinic.url}/api/calendar`;
    }

    function search(who: Login, words: string) {
      return ask<Found & Record<string, unknown>>(
        `${clinic.url}/api/patients?search=${encodeURIComponent(words)}`,
        who,
      );
    }

    function book(who: Login, body: object) {
      return ask(`${clinic.url}/api/appointments`, { ...who, body: { doctorId: doctor.user.id, ...body } });
    }

    function change(id: unknown, body: object) {
      return ask(at(id), { ...patient, method: 'PATCH', body });
    }

    async function person(name: string, email = `${crypto.randomUUID()}@example.org`): Promise<Login> {
      const { application } = clinic;
      const row = { email, name, role: 'patient' as const, specialty: null, passwordHash: '' };
      const user = await application.get(Store).write((tx) => application.get(UsersService).create(tx, row));
      const sessions = application.get(LoginSessions);
      return { token: sessions.issue(await sessions.open(user)), expiresAt: '', user };
    }
  });
}

async function text(url: string, token?: string, headers = {}) {
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers: { ...authorization, ...headers } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function uidOf(calendar: string): string | undefined {
  return /\r\nUID:(.*)\r\n/.exec(calendar)?.[1];
}
