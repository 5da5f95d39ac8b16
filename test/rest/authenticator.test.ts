import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarillonAuthenticator } from '../../src/clinic/auth/authenticator.js';
import type { SignedIn } from '../../src/clinic/auth/signed-in.js';
import { Refusal } from '../../src/library/errors.js';
import type { Credentials } from '../../src/library/session/ports.js';
import { ask, openClinic, signIn, type Clinic } from './clinic.js';

let clinic: Clinic;
let authenticator: CarillonAuthenticator;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_LOGIN_FAILURES: '3' });
  authenticator = clinic.application.get(CarillonAuthenticator);
});
afterAll(() => clinic.close());

const known = { login: 'doctor@example.org', passcode: 'carillon' };

describe('a CONNECT', () => {
  it('with a login’s token is that user, until the token expires', async () => {
    const { token, expiresAt } = await signIn(clinic, 'doctor');

    const user = await authenticate({ authorization: `Bearer ${token}` });

    expect(user).toMatchObject({ name: 'doctor@example.org', roles: ['doctor'] });
    expect(user.expiresAt).toBe(Date.parse(expiresAt));
    expect(user.ended.aborted).toBe(false);
  });

  it('with login and passcode is a session like any other, for an hour', async () => {
    const user = await authenticate({ login: 'Doctor@Example.org', passcode: 'carillon' });

    expect(user.name).toBe('doctor@example.org');
    expect(user.expiresAt - Date.now()).toBeGreaterThan(59 * 60_000);
  });

  it('ends when its login is logged out, and the one of another login does not', async () => {
    const [ending, staying] = await Promise.all([signIn(clinic, 'doctor'), signIn(clinic, 'doctor')]);
    const [first, second] = await Promise.all(
      [ending, staying].map(({ token }) => authenticate({ authorization: `Bearer ${token}` })),
    );
    const endings = [first!.ended, second!.ended];

    await ask(`${clinic.url}/api/auth/logout`, { token: ending.token, method: 'POST' });

    expect(endings.map(({ aborted }) => aborted)).toEqual([true, false]);
    await expect(authenticate({ authorization: `Bearer ${ending.token}` })).rejects.toMatchObject({
      code: 'auth_revoked',
    });
  });

  it.each<[string, Partial<Credentials>]>([
    ['nothing', {}],
    ['a login alone', { login: known.login }],
    ['a passcode alone', { passcode: known.passcode }],
    ['a wrong passcode', { ...known, passcode: 'wrong' }],
    ['an unknown login', { ...known, login: 'nobody@example.org' }],
    ['a login without end', { ...known, login: 'x'.repeat(10_000) }],
    ['a token that is none', { authorization: 'Bearer nonsense' }],
    ['another scheme', { authorization: 'Basic ZG9jdG9yOmNhcmlsbG9u' }],
    ['a bad token and a good passcode', { ...known, authorization: 'Bearer nonsense' }],
  ])('with %s is auth_failed', async (_, credentials) => {
    const connecting = authenticate({ remoteAddress: '10.1.1.1', ...credentials });

    await expect(connecting).rejects.toBeInstanceOf(Refusal);
    await expect(connecting).rejects.toMatchObject({ code: 'auth_failed' });
  });

  it('after too many failures is rate_limited, says for how long, and shares the count with logins', async () => {
    const from = { remoteAddress: '127.0.0.1', login: 'patient@example.org' };
    for (let i = 0; i < 3; i++)
      await authenticate({ ...from, passcode: `guess ${i}` }).catch(() => undefined);

    const refused = await authenticate({ ...from, passcode: 'carillon' }).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'rate_limited' });
    const ms = (refused as Refusal).retryAfterMs;
    expect(ms).toBeGreaterThan(14 * 60_000);
    expect(ms).toBeLessThanOrEqual(15 * 60_000);
    const body = { email: 'patient@example.org', password: 'carillon' };
    expect((await ask(`${clinic.url}/api/auth/login`, { body })).status).toBe(429);
    const elsewhere = await authenticate({ ...from, remoteAddress: '10.2.2.2', passcode: 'carillon' });
    expect(elsewhere.name).toBe('patient@example.org');
  });

  it('of three hundred at once with one right passcode costs one check, and none is refused', async () => {
    const credentials = { login: 'doctor2@example.org', passcode: 'carillon' };

    // Were each counted before it is checked, the fourth would be one too many.
    const users = await Promise.all(Array.from({ length: 300 }, () => authenticate(credentials)));

    expect(new Set(users.map(({ name }) => name))).toEqual(new Set(['doctor2@example.org']));
  });
});

function authenticate(credentials: Partial<Credentials>): Promise<SignedIn> {
  return authenticator.authenticate({
    authorization: undefined,
    login: undefined,
    passcode: undefined,
    remoteAddress: '10.0.0.1',
    ...credentials,
  });
}
