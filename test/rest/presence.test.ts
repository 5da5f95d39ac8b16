import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { JsonClient } from '../dialects/json-client.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';

interface Member {
  readonly id: number;
  readonly isOnline?: boolean;
  readonly lastSeenAt?: string | null;
}

const environment = { PRESENCE: 'true', LIMIT_PRESENCE_MS: '50', LIMIT_PRESENT_MS: '1000' };

describe.skipIf(!postgres.isHere)(`who is here, over two nodes on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let here: Clinic;
  let there: Clinic;
  let doctor: Login;
  let patient: Login;
  let path: string;
  beforeAll(async () => {
    database = await postgres.create();
    here = await openClinic(environment, database);
    there = await openClinic(environment, database);
    doctor = await signIn(there, 'doctor');
    patient = await newPatient(here);
    path = await begin(here, patient, doctor);
  });
  afterAll(async () => {
    await there.close();
    await here.close();
    await database.drop();
  });

  it('is seen by the others, until a while after the last connection anywhere is over', async () => {
    expect(await doctorSeen()).toEqual({ isOnline: false, lastSeenAt: null });
    // Both nodes note the same person, again and again.
    const devices = [await connected(there, doctor), await connected(here, doctor)];
    await expect.poll(doctorSeen).toMatchObject({ isOnline: true });

    devices[0]?.close();
    await nextNote();
    await nextNote();
    expect(await doctorSeen()).toMatchObject({ isOnline: true });
    devices[1]?.close();
    await expect.poll(doctorSeen, { timeout: 5_000 }).toMatchObject({ isOnline: false });
    const { lastSeenAt } = await doctorSeen();

    expect(Date.now() - Date.parse(String(lastSeenAt))).toBeGreaterThanOrEqual(1_000);
  });

  /** As the patient sees it. */
  async function doctorSeen(): Promise<Partial<Member>> {
    const { isOnline, lastSeenAt } = await memberOf(here, path, patient, doctor);
    return { ...(isOnline !== undefined && { isOnline }), ...(lastSeenAt !== undefined && { lastSeenAt }) };
  }

  async function nextNote(): Promise<void> {
    const { lastSeenAt } = await doctorSeen();
    await expect.poll(async () => (await doctorSeen()).lastSeenAt).not.toBe(lastSeenAt);
  }
});

describe(`who is here, on ${sqlite.name}`, () => {
  it('is in what members are told, and in a kept answer', async () => {
    const clinic = await openClinic(environment);
    const doctor = await signIn(clinic, 'doctor');
    const patient = await newPatient(clinic);
    const listener = await connected(clinic, doctor);
    const key = { 'Idempotency-Key': 'once' };
    const body = { memberIds: [doctor.user.id] };
    const beginning = { token: patient.token, body, headers: key };
    const first = await ask<{ id: number; members: Member[] }>(`${clinic.url}/api/conversations`, beginning);
    const again = await ask<{ id: number; members: Member[] }>(`${clinic.url}/api/conversations`, beginning);
    const path = `/api/conversations/${first.body.id}`;

    await expect.poll(() => memberOf(clinic, path, patient, doctor)).toMatchObject({ isOnline: true });
    expect(await memberOf(clinic, path, doctor, patient)).toMatchObject({
      isOnline: false,
      lastSeenAt: null,
    });
    expect(again.body).toEqual(first.body);
    listener.close();
    await clinic.close();
  });

  it('is nobody’s business unless the clinic says so', async () => {
    const clinic = await openClinic({ LIMIT_PRESENCE_MS: '50' });
    const doctor = await signIn(clinic, 'doctor');
    const patient = await newPatient(clinic);
    const path = await begin(clinic, patient, doctor);

    expect(Object.keys(await memberOf(clinic, path, patient, doctor))).toEqual(['id', 'name']);
    await clinic.close();
  });
});

async function begin({ url }: Clinic, { token }: Login, { user }: Login): Promise<string> {
  const body = { memberIds: [user.id] };
  const begun = await ask<{ id: number }>(`${url}/api/conversations`, { token, body });
  return `/api/conversations/${begun.body.id}`;
}

async function memberOf({ url }: Clinic, path: string, as: Login, who: Login): Promise<Member> {
  const { body } = await ask<{ members: Member[] }>(url + path, { token: as.token });
  const member = body.members.find(({ id }) => id === who.user.id);
  if (!member) throw new Error(`${who.user.name} is not in it`);
  return member;
}

async function connected({ url }: Clinic, { token }: Login): Promise<JsonClient> {
  const client = new JsonClient(`${url.replace('http', 'ws')}/notifications?token=${token}`);
  await client.next();
  return client;
}
