import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Account } from '../../src/clinic/auth/account.js';
import type { LinkMail } from '../../src/clinic/auth/mailed-link.js';
import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';
import { Passwords } from '../../src/clinic/auth/passwords.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { limits } from '../../src/clinic/limits.js';
import { Store } from '../../src/library/store/store.js';
import { ask, openClinic, problemOf, signIn, type Answer, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

interface OpenLogin {
  readonly id: string;
  readonly device: string | null;
  readonly stays: boolean;
  readonly isCurrent: boolean;
  readonly expiresAt: string;
}

let clinic: Clinic;
const origin = { remoteAddress: '10.0.0.1' };

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

describe('where one is signed in', () => {
  it('lists the logins that are open, each with its device, and no other person’s', async () => {
    const here = await login('operator', { 'User-Agent': 'Firefox/140.0' });
    await login('operator', { 'User-Agent': 'Chrome/156.0' });

    const logins = await listOf(here);

    expect(logins.map(({ device, isCurrent }) => [device, isCurrent]).toSorted()).toEqual([
      ['Chrome/156.0', false],
      ['Firefox/140.0', true],
    ]);
    expect(await listOf(await signIn(clinic, 'doctor2'))).toHaveLength(1);
  });

  it('signs out there, and what lives on that login ends', async () => {
    const [here, there] = [await signIn(clinic, 'doctor'), await signIn(clinic, 'doctor')];
    const connection = await connect(clinic, there);
    const other = (await listOf(here)).find(({ isCurrent }) => !isCurrent)!;

    const answer = await call('DELETE', `/auth/sessions/${other.id}`, here);

    expect(answer.status).toBe(204);
    expect(await connection.failed).toMatchObject({ code: 'auth_revoked' });
    expect(problemOf(await call('GET', '/me', there))).toEqual({ status: 401, code: 'auth_revoked' });
    expect((await call('GET', '/me', here)).status).toBe(200);
  });

  it('doesn’t end a login of somebody else', async () => {
    const [mine, theirs] = [await signIn(clinic, 'doctor'), await signIn(clinic, 'doctor2')];
    const [id] = (await listOf(theirs)).map((one) => one.id);

    expect(problemOf(await call('DELETE', `/auth/sessions/${id}`, mine))).toEqual({
      status: 404,
      code: 'not_found',
    });
    expect((await call('GET', '/me', theirs)).status).toBe(200);
  });

  it('signs out everywhere else', async () => {
    const [here, ...others] = [
      await signIn(clinic, 'doctor2'),
      await signIn(clinic, 'doctor2'),
      await signIn(clinic, 'doctor2'),
    ];

    await call('DELETE', '/auth/sessions', here);

    expect((await call('GET', '/me', here)).status).toBe(200);
    for (const other of others) expect((await call('GET', '/me', other)).status).toBe(401);
  });

  it('a login that stays lasts for days, also after it was renewed', async () => {
    const stays = await login('patient2', {}, { stay: true });
    expect((await call('POST', '/auth/refresh', stays)).status).toBe(200);

    const [kept] = await listOf(stays);

    expect(kept).toMatchObject({ stays: true });
    expect(Date.parse(kept!.expiresAt) - Date.now()).toBeGreaterThan(limits.stayMs - 60_000);
  });
});

describe('one’s account', () => {
  it('has another name, which everybody sees from then on', async () => {
    const patient = await signIn(clinic, 'patient');

    const answer = await call('PATCH', '/me', patient, { name: '  Paula B. Keller ' });

    expect(answer).toMatchObject({ status: 200, body: { name: 'Paula B. Keller' } });
    expect((await call('GET', '/me', patient)).body).toMatchObject({ name: 'Paula B. Keller' });
    await call('PATCH', '/me', patient, { name: 'Paula Brandt' });
  });

  it('has another password: the old one is worth nothing at once, and other logins end', async () => {
    const user = await register('change@example.org');
    const [here, there] = [await login(user, {}), await login(user, {})];

    const wrong = await call('PUT', '/me/password', here, { current: 'no', password: 'another one' });
    expect(problemOf(wrong)).toEqual({ status: 403, code: 'wrong_password' });
    const right = await call('PUT', '/me/password', here, { current: 'carillon', password: 'another one' });

    expect(right.status).toBe(204);
    expect((await call('GET', '/me', here)).status).toBe(200);
    expect((await call('GET', '/me', there)).status).toBe(401);
    expect((await tryLogin(user, 'carillon')).status).toBe(401);
    expect((await tryLogin(user, 'another one')).status).toBe(200);
  });
});

describe('a forgotten password', () => {
  it('is replaced by the link that was mailed, once, and all logins end', async () => {
    const user = await register('forgetful@example.org');
    const before = await login(user, {});
    const { account, mails } = accountWithMail();
    account.forgot(user.toUpperCase(), origin);
    await vi.waitFor(() => expect(mails).toHaveLength(1));
    const token = tokenIn(mails[0]!);

    expect(mails[0]).toMatchObject({ to: user });
    expect(mails[0]!.text).toContain(`https://clinic.example/reset#${token}`);
    const reset = await call('POST', '/auth/reset', undefined, { token, password: 'remembered now' });

    expect(reset.status).toBe(204);
    expect((await call('GET', '/me', before)).status).toBe(401);
    expect((await tryLogin(user, 'carillon')).status).toBe(401);
    expect((await tryLogin(user, 'remembered now')).status).toBe(200);
    const again = await call('POST', '/auth/reset', undefined, { token, password: 'another time' });
    expect(problemOf(again)).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('is written about in the language of its account', async () => {
    const user = await register('vergesslich@example.org');
    await call('PATCH', '/preferences', await login(user, {}), { language: 'de' });
    const { account, mails } = accountWithMail();
    account.forgot(user, origin);
    await vi.waitFor(() => expect(mails).toHaveLength(1));

    expect(mails[0]).toMatchObject({ language: 'de', subject: 'Ein neues Passwort für Carillon' });
    const token = tokenIn(mails[0]!);
    expect(mails[0]!.text).toContain(`ein neues Passwort: https://clinic.example/reset#${token}`);
    await call('POST', '/auth/reset', undefined, { token, password: 'wieder gemerkt' });
  });

  it('is answered alike whether there is such an account or not', async () => {
    const [known, unknown] = [
      await call('POST', '/auth/forgot', undefined, { email: 'patient@example.org' }),
      await call('POST', '/auth/forgot', undefined, { email: 'nobody@example.org' }),
    ];

    expect([known.status, known.body]).toEqual([202, unknown.body]);
    expect(unknown.status).toBe(202);
  });

  it('mails three times within an hour to one account, and keeps no more links', async () => {
    const user = await register('flooded@example.org');
    const { account, mails } = accountWithMail();

    for (let i = 0; i < 8; i++) account.forgot(user, { remoteAddress: `10.1.0.${i}` });
    await vi.waitFor(() => expect(mails).toHaveLength(3));

    const [{ links } = { links: 0 }] = (await clinic.application
      .get(Store)
      .read.query('select count(*) as links from reset_link')) as { links: number }[];
    expect(links).toBeLessThanOrEqual(limits.resetsPerAccount + 1);
  });

  it('is asked for thirty times within an hour by one network', () => {
    const { account } = accountWithMail();
    for (let i = 0; i < 30; i++) account.forgot(`nobody${i}@example.org`, origin);

    expect(() => account.forgot('one.more@example.org', origin)).toThrow('too many attempts');
  });

  it('is one of two uses of the same link at the same moment', async () => {
    const user = await register('twice@example.org');
    const { account, mails } = accountWithMail();
    account.forgot(user, origin);
    await vi.waitFor(() => expect(mails).toHaveLength(1));
    const token = tokenIn(mails[0]!);

    const uses = await Promise.all(
      ['the first one', 'the second one'].map((password) =>
        call('POST', '/auth/reset', undefined, { token, password }),
      ),
    );

    expect(uses.map(({ status }) => status).toSorted()).toEqual([204, 401]);
  });
});

/** The clinic's own, but for what its mails come to. */
function accountWithMail(): { account: Account; mails: LinkMail[] } {
  const mails: LinkMail[] = [];
  const { application } = clinic;
  const account = new Account(
    application.get(Store),
    application.get(UsersService),
    application.get(Passwords),
    application.get(LoginSessions),
    {
      limits,
      page: 'https://clinic.example',
      mail: async (mail) => void mails.push(mail),
      logError: (message, error) => {
        throw new Error(message, { cause: error });
      },
    },
  );
  return { account, mails };
}

function tokenIn({ text }: LinkMail): string {
  return /#([\w-]{43})/.exec(text)?.[1] ?? '';
}

async function register(email: string): Promise<string> {
  await ask(`${clinic.url}/api/auth/register`, {
    body: { email, password: 'carillon', name: 'Rita Reader' },
  });
  return email;
}

async function login(
  who: string,
  headers: Readonly<Record<string, string>>,
  more: object = {},
): Promise<Login> {
  const email = who.includes('@') ? who : `${who}@example.org`;
  const answer = await ask<Login>(`${clinic.url}/api/auth/login`, {
    body: { email, password: 'carillon', ...more },
    headers,
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

function tryLogin(email: string, password: string): Promise<Answer> {
  return ask(`${clinic.url}/api/auth/login`, { body: { email, password } });
}

async function listOf(login: Login): Promise<OpenLogin[]> {
  const { body } = await ask<{ items: OpenLogin[] }>(`${clinic.url}/api/auth/sessions`, login);
  return body.items;
}

function call(method: string, path: string, login: Login | undefined, body?: unknown): Promise<Answer> {
  return ask(`${clinic.url}/api${path}`, { method, token: login?.token, body });
}
