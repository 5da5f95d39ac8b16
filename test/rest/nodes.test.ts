import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarillonAuthenticator } from '../../src/clinic/auth/authenticator.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { ask, openClinic, problemOf, signIn, type Clinic } from './clinic.js';

let here: Clinic;
let there: Clinic;
let database: FreshDatabase;

describe.skipIf(!postgres.isHere)(`two nodes, on ${postgres.name}`, () => {
  beforeAll(async () => {
    database = await postgres.create();
    // On an empty database, at the same moment, without a secret: they agree on one, and on the demo's users.
    const start = () => openClinic({ LIMIT_REVOCATION_POLL_MS: '100', JWT_SECRET: '' }, database);
    [here, there] = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    await there.close();
    await here.close();
    await database.drop();
  });

  it('a token of one node is good on the other', async () => {
    const { token, user } = await signIn(here, 'doctor');

    expect((await ask(`${there.url}/api/me`, { token })).body).toEqual(user);
  });

  it('a logout on one node ends what lives on the session on the other', async () => {
    const { token } = await signIn(here, 'doctor');
    const user = await there.application.get(CarillonAuthenticator).authenticate({
      authorization: `Bearer ${token}`,
      login: undefined,
      passcode: undefined,
      remoteAddress: '10.0.0.1',
    });
    const aborted = new Promise<void>((resolve) => {
      user.ended.addEventListener('abort', resolve);
    });

    await ask(`${here.url}/api/auth/logout`, { token, method: 'POST' });

    await aborted;
  });

  it('a ticket that one node gave opens one stream, on whichever node', async () => {
    const { token } = await signIn(here, 'doctor');
    const { body } = await ask<{ ticket: string }>(`${here.url}/api/auth/ticket`, { token, method: 'POST' });
    const path = `/api/notifications/stream?ticket=${body.ticket}`;

    const stream = await fetch(there.url + path);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();

    expect(problemOf(await ask(here.url + path))).toEqual({ status: 401, code: 'auth_failed' });
  });
});
