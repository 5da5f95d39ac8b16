import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { statuses, type Status } from '../../src/clinic/appointments/status.js';
import { ask, openClinic, problemOf, signIn, slot, type Answer, type Clinic, type Login } from './clinic.js';

interface Appointment {
  readonly id: number;
  readonly status: Status;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly version: number;
  readonly [member: string]: unknown;
}

interface Told {
  readonly type: string;
  readonly message: string;
  readonly data: Record<string, unknown>;
}

let clinic: Clinic;
let patient: Login;
let patient2: Login;
let doctor: Login;
let doctor2: Login;
let operator: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_OPEN_BOOKINGS: '1000', LIMIT_BOOKING_DAYS: '3650' });
  [patient, patient2, doctor, doctor2, operator] = (await Promise.all(
    ['patient', 'patient2', 'doctor', 'doctor2', 'operator'].map((who) => signIn(clinic, who)),
  )) as [Login, Login, Login, Login, Login];
});
afterAll(() => clinic.close());

/** Each test books on a day of its own. */
let day = 1;
beforeEach(() => {
  day++;
});

describe('a booking', () => {
  it('is answered with the appointment, its version as ETag', async () => {
    const answer = await book({ startsAt: slot(0, day), reason: ' Cough ' });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toEqual({
      id: expect.any(Number) as number,
      patientId: patient.user.id,
      patientName: 'Paula Brandt',
      doctorId: doctor.user.id,
      doctorName: 'Dr. Amara Osei',
      startsAt: slot(0, day),
      endsAt: slot(2, day),
      durationMinutes: 30,
      status: 'booked',
      reason: 'Cough',
      zone: 'Europe/Berlin',
      version: 1,
    });
  });

  it('tells patient and doctor, each in own words, once', async () => {
    const before = await Promise.all([headOf(patient), headOf(doctor), headOf(patient2)]);

    const { body } = await book({ startsAt: slot(0, day) });

    const [toPatient, toDoctor, toOther] = await Promise.all(
      [patient, doctor, patient2].map((who, i) => toldSince(who, before[i]!)),
    );
    expect(toPatient).toHaveLength(1);
    expect(toDoctor).toHaveLength(1);
    expect(toOther).toEqual([]);
    expect(toPatient![0]!.message).toMatch(
      /^You booked an appointment with Dr\. Amara Osei: .*08:00–08:30 CES?T\.$/,
    );
    expect(toDoctor![0]!.message).toMatch(/^Paula Brandt booked an appointment with you: /);
    expect(toDoctor![0]).toMatchObject({
      type: 'appointment.created',
      data: { appointmentId: body.id, startsAt: slot(0, day), by: patient.user.id },
    });
  });

  it('of one slot by fifty at once succeeds once, and forty-nine hear slot_taken', async () => {
    const heads = await Promise.all([headOf(patient), headOf(patient2), headOf(doctor)]);

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => book({ startsAt: slot(4, day) }, i % 2 ? patient : patient2)),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(problemOf)).toEqual(Array(49).fill({ status: 409, code: 'slot_taken' }));
    const told = await Promise.all([patient, patient2, doctor].map((who, i) => toldSince(who, heads[i]!)));
    expect(told.map((rows) => rows.length).toSorted()).toEqual([0, 1, 1]);
  });

  it('may touch its neighbours but not overlap them', async () => {
    expect((await book({ startsAt: slot(4, day), durationMinutes: 60 })).status).toBe(201);

    expect((await book({ startsAt: slot(2, day) })).status).toBe(201);
    expect((await book({ startsAt: slot(8, day), durationMinutes: 15 })).status).toBe(201);
    expect((await book({ startsAt: slot(7, day), durationMinutes: 15 })).status).toBe(409);
    expect((await book({ startsAt: slot(3, day) })).status).toBe(409);
    expect((await book({ startsAt: slot(4, day), doctorId: doctor2.user.id, confirm: true })).status).toBe(
      201,
    );
  });

  it('by a doctor names the patient, by an operator too', async () => {
    const byDoctor = await book({ startsAt: slot(0, day), patientId: patient2.user.id }, doctor);
    const byOperator = await book({ startsAt: slot(4, day), patientId: patient2.user.id }, operator);

    expect(byDoctor).toMatchObject({ status: 201, body: { patientName: 'Jonas Keller' } });
    expect(byOperator.status).toBe(201);
    const [last] = (await toldSince(patient2, 'earliest')).slice(-1);
    expect(last?.message).toMatch(/^The clinic booked an appointment for you with Dr\. Amara Osei: /);
  });

  it.each<[string, string, () => [Record<string, unknown>, Login?]]>([
    ['a time in the past', 'startsAt', () => [{ startsAt: slot(0, -3) }]],
    ['a time before eight', 'startsAt', () => [{ startsAt: slot(-1, day) }]],
    ['an end after six', 'startsAt', () => [{ startsAt: slot(39, day) }]],
    [
      'a time between the quarters',
      'startsAt',
      () => [{ startsAt: slot(0, day).replace(':00:00', ':05:00') }],
    ],
    ['a date that is none', 'startsAt', () => [{ startsAt: '2030-02-30T08:00:00Z' }]],
    ['a time without a zone', 'startsAt', () => [{ startsAt: '2030-02-20T08:00:00' }]],
    ['words for a time', 'startsAt', () => [{ startsAt: 'tomorrow' }]],
    ['no time', 'startsAt', () => [{}]],
    ['a duration of 20 minutes', 'durationMinutes', () => [{ startsAt: slot(0, day), durationMinutes: 20 }]],
    ['no duration at all', 'durationMinutes', () => [{ startsAt: slot(0, day), durationMinutes: 0 }]],
    ['a duration as text', 'durationMinutes', () => [{ startsAt: slot(0, day), durationMinutes: '30' }]],
    ['a doctor who is not there', 'doctorId', () => [{ startsAt: slot(0, day), doctorId: 4711 }]],
    ['a patient for a doctor', 'doctorId', () => [{ startsAt: slot(0, day), doctorId: patient2.user.id }]],
    ['a doctor’s name', 'doctorId', () => [{ startsAt: slot(0, day), doctorId: 'Dr. Amara Osei' }]],
    ['a reason without end', 'reason', () => [{ startsAt: slot(0, day), reason: 'x'.repeat(501) }]],
    ['a reason with NUL', 'reason', () => [{ startsAt: slot(0, day), reason: 'a\0b' }]],
    ['no patient, by a doctor,', 'patientId', () => [{ startsAt: slot(0, day) }, doctor]],
    ['an unknown patient', 'patientId', () => [{ startsAt: slot(0, day), patientId: 4711 }, doctor]],
    [
      'a doctor for a patient',
      'patientId',
      () => [{ startsAt: slot(0, day), patientId: doctor2.user.id }, doctor],
    ],
  ])('with %s is invalid_request and names the place', async (_, path, make) => {
    const [booking, who] = make();
    const heads = await Promise.all([headOf(patient), headOf(doctor)]);

    const answer = await book(booking, who);

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((answer.body as unknown as { errors: unknown }).errors).toEqual([
      { path, message: expect.any(String) as string },
    ]);
    expect(await Promise.all([headOf(patient), headOf(doctor)])).toEqual(heads);
  });

  it.each<[string, () => [Record<string, unknown>, Login]]>([
    [
      'a patient for another patient',
      () => [{ startsAt: slot(0, day), patientId: patient2.user.id }, patient],
    ],
    [
      'a doctor with another doctor',
      () => [{ startsAt: slot(0, day), doctorId: doctor2.user.id, patientId: patient.user.id }, doctor],
    ],
  ])('by %s is forbidden', async (_, make) => {
    const answer = await book(...make());

    expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('the limits of booking', () => {
  let small: Clinic;
  let own: Login;
  let staff: Login;
  beforeAll(async () => {
    small = await openClinic({ LIMIT_OPEN_BOOKINGS: '2', LIMIT_BOOKING_DAYS: '100' });
    [own, staff] = [await signIn(small, 'patient'), await signIn(small, 'doctor')];
  });
  afterAll(() => small.close());

  it('a time too far ahead is not free, and can neither be booked nor moved to; the last day can', async () => {
    const last = await bookIn(100, own);
    const refused = [
      await bookIn(101, own),
      await bookIn(101, staff, { patientId: own.user.id }),
      await ask(`${small.url}/api/appointments/${String(last.body['id'])}`, {
        token: own.token,
        method: 'PATCH',
        body: { startsAt: slot(0, 101) },
      }),
    ];
    await cancelled(last);

    expect(last.status).toBe(201);
    expect(refused.map(problemOf)).toEqual(Array(3).fill({ status: 409, code: 'too_far_ahead' }));
    // Midnight, by the clinic's clock.
    const until = Date.parse(String(refused[0]?.body['until']));
    expect(until).toBeGreaterThan(Date.parse(slot(39, 100)));
    expect(until).toBeLessThan(Date.parse(slot(0, 101)));
    expect([await freeOn(100), await freeOn(101)]).toEqual([40, 0]);
    expect((await ask(`${small.url}/api/clinic`, own)).body).toEqual({
      zone: 'Europe/Berlin',
      lastDay: slot(0, 100).slice(0, 10),
    });
  });

  it('a patient books so many appointments to come; cancelled ones do not count, and the clinic may book more', async () => {
    const first = await bookIn(2, own);
    await bookIn(3, own);
    const third = await bookIn(4, own);
    const byStaff = await bookIn(4, staff, { patientId: own.user.id });
    expect(problemOf(third)).toEqual({ status: 409, code: 'booking_limit' });
    expect(byStaff.status).toBe(201);

    await cancelled(first);
    await cancelled(byStaff);
    expect((await bookIn(5, own)).status).toBe(201);
  });

  it('whose time has passed is moved ahead as it would be booked', async () => {
    const passed = await bookIn(6, staff, { patientId: own.user.id });
    const yesterday = Date.now() - 86_400_000;
    await small.application
      .get(Store)
      .write((tx) =>
        rowsOf(tx.manager, 'update appointment set starts_at = $1 where id = $2', [
          yesterday,
          passed.body['id'],
        ]),
      );
    const others = [await bookIn(7, own), await bookIn(8, own), await bookIn(9, own)];
    expect(others.map(({ status }) => status)).toContain(409);
    const move = ({ token }: Login) =>
      ask(`${small.url}/api/appointments/${String(passed.body['id'])}`, {
        token,
        method: 'PATCH',
        body: { startsAt: slot(0, 10) },
      });

    expect(problemOf(await move(own))).toEqual({ status: 409, code: 'booking_limit' });
    expect((await move(staff)).status).toBe(200);
  });

  function bookIn(days: number, { token }: Login, more = {}): Promise<Answer> {
    const body = { doctorId: staff.user.id, startsAt: slot(0, days), ...more };
    return ask(`${small.url}/api/appointments`, { token, body });
  }

  function cancelled({ body }: Answer): Promise<Answer> {
    return ask(`${small.url}/api/appointments/${String(body['id'])}/cancel`, { token: own.token, body: {} });
  }

  async function freeOn(daysAhead: number): Promise<number> {
    const date = slot(0, daysAhead).slice(0, 10);
    const answer = await ask<{ items: unknown[] }>(
      `${small.url}/api/doctors/${staff.user.id}/slots?date=${date}`,
      own,
    );
    return answer.body.items.length;
  }
});

describe('a change', () => {
  it('of the time is one event with the old and the new time, and frees the old one', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const heads = await Promise.all([headOf(patient), headOf(doctor)]);

    const answer = await patch(booked.id, { startsAt: slot(1, day), reason: 'Back pain' });

    expect(answer).toMatchObject({
      status: 200,
      body: { startsAt: slot(1, day), endsAt: slot(3, day), reason: 'Back pain', version: 2 },
    });
    for (const [i, who] of [patient, doctor].entries()) {
      const told = await toldSince(who, heads[i]!);
      expect(told.map(({ type }) => type)).toEqual(['appointment.rescheduled']);
      expect(told[0]!.message).toMatch(/08:00–08:30 CES?T to .*08:15–08:45 CES?T\.$/);
      expect(told[0]!.data).toEqual({
        appointmentId: booked.id,
        startsAt: slot(1, day),
        previous: { startsAt: slot(0, day), endsAt: slot(2, day) },
        changed: ['startsAt', 'reason'],
        by: patient.user.id,
      });
    }
    expect((await book({ startsAt: slot(0, day), durationMinutes: 15 })).status).toBe(201);
    expect((await book({ startsAt: slot(2, day), durationMinutes: 15 })).status).toBe(409);
  });

  it('of the reason is an update', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day), reason: 'Cough' });
    const head = await headOf(doctor);

    await patch(booked.id, { reason: null });

    const told = await toldSince(doctor, head);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ type: 'appointment.updated', data: { changed: ['reason'] } });
    expect(told[0]!.message).toMatch(/^Paula Brandt removed the reason of the appointment with you on /);
  });

  it('that changes nothing tells nobody, and keeps the version', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day), reason: 'Cough' });
    const head = await headOf(doctor);

    const answer = await patch(booked.id, {
      startsAt: booked.startsAt.replace('Z', '+00:00'),
      durationMinutes: 30,
      reason: 'Cough',
    });

    expect(answer).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await headOf(doctor)).toBe(head);
  });

  it('to a time that is taken is refused, and the appointment keeps its own', async () => {
    await book({ startsAt: slot(4, day) }, patient2);
    const { body: booked } = await book({ startsAt: slot(0, day) });

    const answer = await patch(booked.id, { startsAt: slot(3, day) });

    expect(problemOf(answer)).toEqual({ status: 409, code: 'slot_taken' });
    expect((await find(booked.id)).body).toEqual(booked);
    expect((await book({ startsAt: slot(0, day) }, patient2)).status).toBe(409);
  });

  it.each([
    ['to the past', { startsAt: slot(0, -3) }],
    ['out of hours', { startsAt: slot(40, 3) }],
    ['to nonsense', { startsAt: 'later' }],
  ])('%s is invalid_request', async (_, change) => {
    const { body: booked } = await book({ startsAt: slot(0, day) });

    const answer = await patch(booked.id, change);

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((await find(booked.id)).body).toEqual(booked);
  });

  it('after the end is an illegal transition', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    await setStatus(booked.id, 'fulfilled', doctor);

    const answer = await patch(booked.id, { reason: 'Later thought' });

    expect(problemOf(answer)).toEqual({ status: 409, code: 'illegal_transition' });
    expect(answer.body).toMatchObject({ from: 'fulfilled', to: 'fulfilled' });
  });
});

describe('a status', () => {
  it('is set by the doctor, and both sides hear from what to what', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const heads = await Promise.all([headOf(patient), headOf(doctor)]);

    const answer = await setStatus(booked.id, 'arrived', doctor);

    expect(answer).toMatchObject({ status: 200, body: { status: 'arrived', version: 2 } });
    const told = await Promise.all([patient, doctor].map((who, i) => toldSince(who, heads[i]!)));
    expect(told.map((rows) => rows[0]!.message.slice(0, 16))).toEqual([
      'You have arrived',
      'Paula Brandt has',
    ]);
    expect(told[0]![0]).toMatchObject({
      type: 'appointment.status_changed',
      data: { from: 'booked', to: 'arrived', by: doctor.user.id },
    });
  });

  it('set to cancelled is one cancellation', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const head = await headOf(doctor);

    await setStatus(booked.id, 'cancelled', patient);

    expect((await toldSince(doctor, head)).map(({ type }) => type)).toEqual(['appointment.cancelled']);
  });

  it('other than cancelled is not for patients', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });

    const answer = await setStatus(booked.id, 'arrived', patient);

    expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
    expect((await find(booked.id)).body.status).toBe('booked');
  });

  it('that no vocabulary knows is invalid', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });

    const answer = await setStatus(booked.id, 'happy', doctor);

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('changes over every pair as the table says, and a refusal names both and changes nothing', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const store = clinic.application.get(Store);
    const accepted: string[] = [];
    for (const from of statuses) {
      for (const to of statuses) {
        await store.write((tx) =>
          rowsOf(tx.manager, 'update appointment set status = $1 where id = $2', [from, booked.id]),
        );
        const answer = await setStatus(booked.id, to, operator);
        if (answer.status === 200) {
          accepted.push(`${from}→${to}`);
          continue;
        }
        expect(problemOf(answer)).toEqual({ status: 409, code: 'illegal_transition' });
        expect(answer.body).toMatchObject({ from, to });
        expect((await find(booked.id)).body.status).toBe(from);
      }
    }

    const correctable = statuses.filter((status) => status !== 'entered-in-error');
    expect(accepted.toSorted()).toEqual(
      [
        ...['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled'].map((to) => `booked→${to}`),
        ...['checked-in', 'fulfilled', 'cancelled'].map((to) => `arrived→${to}`),
        ...['fulfilled', 'cancelled'].map((to) => `checked-in→${to}`),
        ...['proposed', 'pending', 'waitlist'].flatMap((from) => [`${from}→booked`, `${from}→cancelled`]),
        ...correctable.map((from) => `${from}→entered-in-error`),
      ].toSorted(),
    );
  });
});

describe('a cancellation', () => {
  it('tells both sides who and why, and frees the slot', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const heads = await Promise.all([headOf(patient), headOf(doctor)]);

    const answer = await cancel(booked.id, { reason: 'I am well again' }, patient);

    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', version: 2 } });
    const [toPatient, toDoctor] = await Promise.all(
      [patient, doctor].map((who, i) => toldSince(who, heads[i]!)),
    );
    expect(toPatient![0]!.message).toMatch(
      /^You cancelled your appointment with Dr\. Amara Osei on .* Reason: I am well again$/,
    );
    expect(toDoctor![0]!.message).toMatch(
      /^Paula Brandt cancelled the appointment with you on .* Reason: I am well again$/,
    );
    expect(toDoctor![0]!.data).toEqual({
      appointmentId: booked.id,
      startsAt: slot(0, day),
      from: 'booked',
      to: 'cancelled',
      reason: 'I am well again',
      by: patient.user.id,
    });
    expect((await book({ startsAt: slot(0, day) }, patient2)).status).toBe(201);
  });

  it('needs neither a reason nor a body', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });

    const answer = await ask(`${clinic.url}/api/appointments/${booked.id}/cancel`, {
      token: doctor.token,
      method: 'POST',
    });

    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('by twenty at once happens once', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });
    const head = await headOf(doctor);

    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel(booked.id, {}, patient)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(await toldSince(doctor, head)).toHaveLength(1);
  });
});

describe('another’s appointment', () => {
  it('is as if it were not there, whatever one asks of it', async () => {
    const { body: booked } = await book({ startsAt: slot(0, day) });

    for (const who of [patient2, doctor2]) {
      const answers = [
        await find(booked.id, who),
        await patch(booked.id, { reason: 'x' }, who),
        await setStatus(booked.id, 'cancelled', who),
        await cancel(booked.id, {}, who),
      ];
      expect(answers.map(problemOf)).toEqual(Array(4).fill({ status: 404, code: 'not_found' }));
    }
    expect((await find(booked.id, operator)).body).toEqual(booked);
  });

  it.each(['0', '-1', '1.5', 'abc', '99999999999999999999'])('has no number such as %s', async (id) => {
    const answer = await ask(`${clinic.url}/api/appointments/${id}`, { token: operator.token });

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('the list', () => {
  it('holds the own appointments by time, and for operators all of them', async () => {
    const { body: mine } = await book({ startsAt: slot(4, day) });
    const { body: others } = await book({ startsAt: slot(0, day) }, patient2);
    const span = `from=${slot(0, day)}&to=${slot(40, day)}`;

    const idsOf = async (who: Login) => (await list(span, who)).body.items.map(({ id }) => id);

    expect(await idsOf(patient)).toEqual([mine.id]);
    expect(await idsOf(patient2)).toEqual([others.id]);
    expect(await idsOf(doctor)).toEqual([others.id, mine.id]);
    expect(await idsOf(doctor2)).toEqual([]);
    expect(await idsOf(operator)).toEqual([others.id, mine.id]);
  });

  it('comes in pages that lead through all, without one twice', async () => {
    const booked: number[] = [];
    for (const cell of [0, 2, 4, 6, 8]) booked.push((await book({ startsAt: slot(cell, day) })).body.id);
    await book({ startsAt: slot(0, day), doctorId: doctor2.user.id, confirm: true });
    const span = `from=${slot(0, day)}&to=${slot(40, day)}&limit=2`;

    const seen: number[] = [];
    let after: string | null = 'earliest';
    for (let pages = 0; after !== null && pages < 10; pages++) {
      const page: Answer<Page> = await list(`${span}&after=${after}`, patient);
      seen.push(...page.body.items.map(({ id }) => id));
      after = page.body.next;
    }

    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(seen.filter((id) => booked.includes(id))).toEqual(booked);
  });

  it('is narrowed by status', async () => {
    const { body: gone } = await book({ startsAt: slot(0, day) });
    const { body: here } = await book({ startsAt: slot(4, day) });
    await cancel(gone.id, {}, patient);
    const span = `from=${slot(0, day)}&to=${slot(40, day)}`;

    const idsWith = async (status: string) =>
      (await list(`${span}&status=${status}`, patient)).body.items.map(({ id }) => id);

    expect(await idsWith('booked')).toEqual([here.id]);
    expect(await idsWith('cancelled')).toEqual([gone.id]);
    expect(await idsWith('booked,cancelled')).toEqual([gone.id, here.id]);
  });

  it.each([
    ['from', 'from=yesterday'],
    ['to', 'to=2030-13-01T00:00:00Z'],
    ['status.0', 'status=happy'],
    ['after', 'after=nowhere'],
    ['limit', 'limit=0'],
    ['limit', 'limit=many'],
  ])('refuses a bad %s', async (path, query) => {
    const answer = await list(query, patient);

    expect(problemOf(answer as unknown as Answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((answer.body as unknown as { errors: unknown }).errors).toEqual([
      expect.objectContaining({ path }),
    ]);
  });
});

describe('free slots', () => {
  it('are the cells of the day that nobody holds', async () => {
    const { body: booked } = await book({ startsAt: slot(4, day) });

    const free = await slots(doctor.user.id, dateOf(booked.startsAt));

    expect(free.body.zone).toBe('Europe/Berlin');
    expect(free.body.items).toHaveLength(38);
    expect(free.body.items[0]).toEqual({ startsAt: slot(0, day), endsAt: slot(1, day) });
    expect(free.body.items.map(({ startsAt }) => startsAt)).not.toContain(slot(5, day));

    await cancel(booked.id, {}, patient);
    expect((await slots(doctor.user.id, dateOf(booked.startsAt))).body.items).toHaveLength(40);
  });

  it('begin at eight by the clinic’s clock on both sides of a change of the clock', async () => {
    const firstOf = async (date: string) => (await slots(doctor.user.id, date)).body.items[0]?.startsAt;

    // The last Sundays of March and October 2031.
    expect(await firstOf('2031-03-29')).toBe('2031-03-29T07:00:00.000Z');
    expect(await firstOf('2031-03-30')).toBe('2031-03-30T06:00:00.000Z');
    expect(await firstOf('2031-10-25')).toBe('2031-10-25T06:00:00.000Z');
    expect(await firstOf('2031-10-26')).toBe('2031-10-26T07:00:00.000Z');
  });

  it('are none in the past', async () => {
    expect((await slots(doctor.user.id, '2020-01-01')).body.items).toEqual([]);
  });

  it('of somebody who is no doctor are not found', async () => {
    const answers = [
      await slots(patient.user.id, '2031-01-01'),
      await slots(4711, '2031-01-01'),
    ] as unknown as Answer[];

    expect(answers.map(problemOf)).toEqual(Array(2).fill({ status: 404, code: 'not_found' }));
  });

  it.each(['2031-02-30', 'today', '', '2031-1-1'])('of the date %j are refused', async (date) => {
    const answer = (await slots(doctor.user.id, date)) as unknown as Answer;

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });
});

it('shows the doctors to whoever has signed in', async () => {
  const answer = await ask(`${clinic.url}/api/doctors`, { token: patient.token });

  expect(answer.body).toEqual({
    items: [
      { id: doctor.user.id, name: 'Dr. Amara Osei', specialty: 'General practice' },
      { id: doctor2.user.id, name: 'Dr. Henrik Lund', specialty: 'Cardiology' },
    ],
    next: null,
  });
});

interface Page {
  readonly items: Appointment[];
  readonly next: string | null;
}

type Body = Record<string, unknown>;

function book(booking: Body, { token } = patient): Promise<Answer<Appointment>> {
  const body = { doctorId: doctor.user.id, ...booking };
  return ask(`${clinic.url}/api/appointments`, { token, body });
}

function find(id: number, { token } = patient): Promise<Answer<Appointment>> {
  return ask(`${clinic.url}/api/appointments/${id}`, { token });
}

function patch(id: number, body: Body, { token } = patient): Promise<Answer<Appointment>> {
  return ask(`${clinic.url}/api/appointments/${id}`, { token, body, method: 'PATCH' });
}

function setStatus(id: number, status: string, { token }: Login): Promise<Answer<Appointment>> {
  return ask(`${clinic.url}/api/appointments/${id}/status`, { token, body: { status }, method: 'PUT' });
}

function cancel(id: number, body: Body, { token }: Login): Promise<Answer<Appointment>> {
  return ask(`${clinic.url}/api/appointments/${id}/cancel`, { token, body });
}

function list(query: string, { token }: Login): Promise<Answer<Page>> {
  return ask(`${clinic.url}/api/appointments?${query}`, { token });
}

function slots(
  doctorId: number,
  date: string,
): Promise<Answer<{ items: { startsAt: string; endsAt: string }[]; zone: string }>> {
  return ask(`${clinic.url}/api/doctors/${doctorId}/slots?date=${date}`, { token: patient.token });
}

async function headOf({ token }: Login): Promise<string> {
  const { body } = await ask<{ cursor: string }>(`${clinic.url}/api/notifications?limit=1`, { token });
  return body.cursor;
}

/** Oldest first. */
async function toldSince({ token }: Login, cursor: string): Promise<Told[]> {
  const { body } = await ask<{ items: Told[] }>(`${clinic.url}/api/notifications?after=${cursor}&limit=100`, {
    token,
  });
  return body.items;
}

/** Its day by Berlin's clock; office hours never leave the day of UTC there. */
function dateOf(instant: string): string {
  return instant.slice(0, 10);
}
