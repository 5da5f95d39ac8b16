import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '../../src/library/store/store.js';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  type Answer,
  type Clinic,
  type Login,
} from '../rest/clinic.js';

let clinic: Clinic;
let busy: Login;
let other: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_REQUESTS_PER_USER: '2', LIMIT_REQUESTS_WAITING: '3' });
  [busy, other] = [await newPatient(clinic), await newPatient(clinic)];
});
afterAll(() => clinic.close());

/** Nothing is written before it is called. */
function holdWrites(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  void clinic.application.get(Store).write(() => held);
  return release;
}

function write({ token }: Login, signal?: AbortSignal): Promise<Response> {
  return fetch(`${clinic.url}/api/auth/ticket`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    ...(signal && { signal }),
  });
}

function isAnsweredSoon(answer: Promise<Answer>): Promise<boolean> {
  return Promise.race([answer.then(() => true), after(200, false)]);
}

function read({ token }: Login): Promise<Answer> {
  return ask(`${clinic.url}/api/me`, { token });
}

describe('a user with as many requests as may be handled at once', () => {
  it('waits, and nobody else does', async () => {
    const release = holdWrites();
    const held = [write(busy), write(busy)];
    let waiting = read(busy);
    // Until the two are there.
    while (await isAnsweredSoon(waiting)) waiting = read(busy);

    for (let i = 0; i < 5; i++) expect((await read(other)).status).toBe(200);
    release();

    expect((await waiting).status).toBe(200);
    for (const answer of await Promise.all(held)) expect(answer.status).toBe(201);
  });

  it('is refused where too many wait, and gets back the places of those that were cut', async () => {
    const release = holdWrites();
    const cut = new AbortController();
    const left = Array.from({ length: 5 }, () => write(busy, cut.signal).catch(() => undefined));
    let late = read(busy);
    // Until all five are there.
    while (!(await isAnsweredSoon(late)) || (await late).status !== 429) late = read(busy);

    expect(problemOf(await late)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number((await late).headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    cut.abort();
    await Promise.all(left);
    release();
    await expect.poll(() => read(busy)).toMatchObject({ status: 200 });
  });

  it('opens streams that take none of these places', async () => {
    const streams = [1, 2, 3].map(() => new AbortController());
    const headers = { Authorization: `Bearer ${busy.token}` };
    for (const { signal } of streams)
      expect((await fetch(`${clinic.url}/api/notifications/stream`, { headers, signal })).status).toBe(200);

    expect((await read(busy)).status).toBe(200);
    for (const stream of streams) stream.abort();
  });
});
