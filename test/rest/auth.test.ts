import { randomUUID } from 'node:crypto';
import {
  CompactSign,
  SignJWT,
  UnsecuredJWT,
  type CompactJWSHeaderParameters,
  type JWTHeaderParameters,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from './stomp.js';
import {
  ask,
  openClinic,
  problemOf,
  secret,
  signIn,
  type Answer,
  type Clinic,
  type Login,
} from './clinic.js';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic({ TRUST_PROXY: '127.0.0.1/32', LIMIT_LOGIN_FAILURES: '4' });
});
afterAll(() => clinic.close());

describe('a login', () => {
  it('gives a token for an hour, and says who one is', async () => {
    const { token, expiresAt, user } = await signIn(clinic, 'doctor');

    expect(user).toMatchObject({ email: 'doctor@example.org', role: 'doctor', name: 'Dr. Amara Osei' });
    const minutes = (Date.parse(expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(59);
    expect(minutes).toBeLessThan(60.1);
    const me = await ask(`${clinic.url}/api/me`, { token });
    expect(me).toMatchObject({ status: 200, body: user });
  });

  it('takes the e-mail address in any case', async () => {
    const answer = await login('Patient@Example.ORG', 'carillon');

    expect(answer).toMatchObject({ status: 200, body: { user: { email: 'patient@example.org' } } });
  });

  it('is refused in the same words for a wrong password and for an unknown account', async () => {
    const wrong = await login('patient@example.org', 'wrong-password', '10.0.0.1');
    const unknown = await login('nobody@example.org', 'carillon', '10.0.0.1');

    expect(problemOf(wrong)).toEqual({ status: 401, code: 'auth_failed' });
    expect(unknown.body).toEqual(wrong.body);
  });

  it('is refused after so many failures of one account from one address, and elsewhere is not', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 7 }, (_, i) => login('patient2@example.org', `guess-${i}-guess`, '10.0.0.2')),
    );

    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(4);
    const refused = guesses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(problemOf(refused[0]!)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(800);

    const right = await login('patient2@example.org', 'carillon', '10.0.0.2');
    const elsewhere = await login('patient2@example.org', 'carillon', '10.0.0.3');
    expect([right.status, elsewhere.status]).toEqual([429, 200]);
  });

  it('counts the failures of one IPv6 network together', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        login('patient2@example.org', `guess-${i}-guess`, `2001:db8:0:1::${i}`),
      ),
    );

    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(2);
    const elsewhere = await login('patient2@example.org', 'carillon', '2001:db8:0:2::1');
    expect(elsewhere.status).toBe(200);
  });

  it('counts failures of accounts that do not exist too', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 6 }, (_, i) => login('ghost@example.org', `guess-${i}-guess`, '10.0.0.4')),
    );

    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});

describe('a session', () => {
  it('is refreshed with a new token', async () => {
    const first = await signIn(clinic, 'patient');

    const second = await ask<Login>(`${clinic.url}/api/auth/refresh`, { token: first.token, method: 'POST' });

    expect(second).toMatchObject({ status: 200, body: { user: first.user } });
    expect((await ask(`${clinic.url}/api/me`, { token: second.body.token })).status).toBe(200);
  });

  it('ends with the logout, with all of its tokens and no other session', async () => {
    const first = await signIn(clinic, 'patient');
    const refreshed = await ask<Login>(`${clinic.url}/api/auth/refresh`, {
      token: first.token,
      method: 'POST',
    });
    const other = await signIn(clinic, 'patient');

    const logout = await ask(`${clinic.url}/api/auth/logout`, { token: first.token, method: 'POST' });

    expect(logout.status).toBe(204);
    for (const token of [first.token, refreshed.body.token]) {
      expect(problemOf(await ask(`${clinic.url}/api/me`, { token }))).toEqual({
        status: 401,
        code: 'auth_revoked',
      });
    }
    expect((await ask(`${clinic.url}/api/me`, { token: other.token })).status).toBe(200);
  });
});

describe('a token', () => {
  const key = Buffer.from(secret);
  const soon = () => Math.floor(Date.now() / 1000) + 600;

  /** As ours, but for what a case changes. */
  const forge = (sid: string, header: JWTHeaderParameters = { alg: 'HS256' }) =>
    new SignJWT({ sid })
      .setProtectedHeader(header)
      .setSubject('1')
      .setIssuer('carillon')
      .setAudience('carillon')
      .setExpirationTime(soon());

  const signedText = (text: string, header: CompactJWSHeaderParameters) =>
    new CompactSign(Buffer.from(text)).setProtectedHeader(header).sign(key);

  let sid: string;
  beforeAll(async () => {
    const { token } = await signIn(clinic, 'patient');
    sid = (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
  });

  it('made with the secret is one of ours, so the cases below differ from it in one thing each', async () => {
    expect((await me(await forge(sid).sign(key))).status).toBe(200);
  });

  it.each<[string, string, (sid: string) => string | Promise<string>]>([
    ['that is none', 'auth_failed', () => 'not-a-token'],
    [
      'whose header is no JSON',
      'auth_failed',
      async (sid) => `bm9uZQ${(await forge(sid).sign(key)).replace(/^[^.]*/, '')}`,
    ],
    ['whose claims are no JSON', 'auth_failed', () => signedText('none', { alg: 'HS256', typ: 'JWT' })],
    ['whose claims are no object', 'auth_failed', () => signedText('"none"', { alg: 'HS256' })],
    ['signed with another secret', 'auth_failed', (sid) => forge(sid).sign(Buffer.alloc(32, 7))],
    ['of alg none', 'auth_failed', unsigned],
    ['of another algorithm', 'auth_failed', (sid) => forge(sid, { alg: 'HS512' }).sign(key)],
    [
      'that has expired',
      'auth_expired',
      (sid) =>
        forge(sid)
          .setExpirationTime(soon() - 601)
          .sign(key),
    ],
    [
      'without exp',
      'auth_failed',
      (sid) =>
        new SignJWT({ sid })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject('1')
          .setIssuer('carillon')
          .setAudience('carillon')
          .sign(key),
    ],
    [
      'with an extension that has to be understood (RFC 7515, 4.1.11)',
      'auth_failed',
      (sid) =>
        forge(sid, { alg: 'HS256', crit: ['urn:new'], 'urn:new': true }).sign(key, {
          crit: { 'urn:new': true },
        }),
    ],
    ['for another audience', 'auth_failed', (sid) => forge(sid).setAudience('another').sign(key)],
    ['of another issuer', 'auth_failed', (sid) => forge(sid).setIssuer('another').sign(key)],
    ['of a session that never was', 'auth_failed', () => forge(randomUUID()).sign(key)],
  ])('%s is refused with %s', async (_, code, make) => {
    const answer = await me(await make(sid));

    expect(problemOf(answer)).toEqual({ status: 401, code });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('changed in one letter is refused', async () => {
    const token = await forge(sid).sign(key);
    const at = token.lastIndexOf('.') - 10;
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);

    expect(problemOf(await me(changed))).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('that is missing is asked for', async () => {
    expect(problemOf(await ask(`${clinic.url}/api/me`))).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('in the URL counts for nothing', async () => {
    const token = await forge(sid).sign(key);

    const answer = await ask(`${clinic.url}/api/me?token=${token}&access_token=${token}&ticket=${token}`);

    expect(answer.status).toBe(401);
  });
});

describe('a registration', () => {
  it('makes a patient who can sign in and has an empty inbox', async () => {
    const account = { email: 'New@Example.org', password: 'long enough', name: '  Nora New ' };

    const answer = await ask(`${clinic.url}/api/auth/register`, { body: account });

    expect(answer).toMatchObject({
      status: 201,
      body: { email: 'new@example.org', name: 'Nora New', role: 'patient' },
    });
    expect(Object.keys(answer.body).toSorted()).toEqual(['email', 'id', 'name', 'role']);
    const { body } = await login<Login>('new@example.org', 'long enough');
    const inbox = await ask(`${clinic.url}/api/notifications`, { token: body.token });
    expect(inbox.body).toMatchObject({ items: [], counts: { unseen: 0, unread: 0 } });
  });

  it.each(['נועה לוי', 'علی‌رضا', 'Zoë O’Neill-Żak', '👩🏽‍⚕️'])('may be under the name %s', async (name) => {
    const body = { email: `${randomUUID()}@example.org`, password: 'long enough', name };

    const answer = await ask(`${clinic.url}/api/auth/register`, { body });

    expect(answer).toMatchObject({ status: 201, body: { name } });
  });

  it.each([
    'a/b@example.org',
    '100%@example.org',
    '*@example.org',
    "o'neill+{x}@example.org",
    'a#b?c@example.org',
  ])('of %s is one that gets its notifications on every transport', async (email) => {
    const account = { email, password: 'long enough', name: 'Odd' };
    const operator = await signIn(clinic, 'operator');

    const registered = await ask(`${clinic.url}/api/auth/register`, { body: account });
    const { body: signedIn } = await login<Login>(email, account.password);
    const connection = await connect(clinic, signedIn);
    const heard = await connection.subscribe('/user/queue/notifications');
    const sent = await ask(`${clinic.url}/api/notifications`, {
      token: operator.token,
      body: { email, message: 'Ding' },
    });

    expect([registered.status, sent.status]).toEqual([201, 201]);
    expect((await heard.next()).body).toMatchObject({ message: 'Ding' });
    const stream = await fetch(`${clinic.url}/api/notifications/stream?since=earliest`, {
      headers: { Authorization: `Bearer ${signedIn.token}` },
    });
    let text = '';
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"Ding"')) break;
    }
    expect(text).toContain('event: notification');
    await connection.close();
  });

  it('cannot choose its role', async () => {
    const body = { email: 'sly@example.org', password: 'long enough', name: 'Sly', role: 'operator' };

    const answer = await ask(`${clinic.url}/api/auth/register`, { body });

    expect(answer).toMatchObject({ status: 201, body: { role: 'patient' } });
  });

  it('of an address that has an account is refused, also in another case', async () => {
    const body = { email: 'DOCTOR@example.org', password: 'long enough', name: 'Not him' };

    const answer = await ask(`${clinic.url}/api/auth/register`, { body });

    expect(problemOf(answer)).toEqual({ status: 409, code: 'email_taken' });
    expect((await login('doctor@example.org', 'carillon')).status).toBe(200);
  });

  it('of one address several times at once makes one account', async () => {
    const body = { email: 'once@example.org', password: 'long enough', name: 'Once' };

    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask(`${clinic.url}/api/auth/register`, { body })),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  });

  it.each([
    ['email', { email: 'no address' }],
    ['password', { password: 'short' }],
    ['name', { name: '   ' }],
    ['name', { name: 'two\nlines' }],
    ['name', { name: 'two\u2028lines' }],
    ['name', { name: 'Dr. \u202EieseO aramA' }],
    ['name', { name: 'Ada\u2066' }],
    ['name', { name: '\u200B\u2060\uFEFF' }],
    ['name', { name: '\u3164 \u115F' }],
    ['name', { name: '\uFFF9\u{1D159}' }],
    ['name', { name: '\u0301' }],
    ['name', { name: '\u2800\u00AD' }],
    ['name', { name: '\u{E0041}\uFE0F' }],
    ['name', { name: 'Ada\uD83D' }],
    ['email', { email: '@example.org' }],
    ['email', { email: 'a b@example.org' }],
    ['email', { email: 'a@b..org' }],
  ])('with a bad %s is told so', async (path, wrong) => {
    const body = { email: 'bad@example.org', password: 'long enough', name: 'Bad', ...wrong };

    const answer = await ask<{ errors: unknown[] }>(`${clinic.url}/api/auth/register`, { body });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([expect.objectContaining({ path })]);
  });
});

it('registrations from one address are limited', async () => {
  const small = await openClinic({ LIMIT_REGISTRATIONS_PER_HOUR: '1', TRUST_PROXY: '127.0.0.1/32' });
  const register = (name: string, from: string) =>
    ask(`${small.url}/api/auth/register`, {
      body: { email: `${name}@example.org`, password: 'long enough', name },
      headers: { 'X-Forwarded-For': from },
    });

  const first = await register('one', '10.0.0.1');
  const second = await register('two', '10.0.0.1');
  const elsewhere = await register('two', '10.0.0.2');

  expect([first.status, elsewhere.status]).toEqual([201, 201]);
  expect(problemOf(second)).toEqual({ status: 429, code: 'rate_limited' });
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(3_500);
  await small.close();
});

describe('the sign-in cards', () => {
  it('are shown with DEMO', async () => {
    const answer = await ask<{ users: unknown[]; password: string }>(`${clinic.url}/api/demo`);

    expect(answer.status).toBe(200);
    expect(answer.body.password).toBe('carillon');
    expect(answer.body.users).toHaveLength(5);
    expect(answer.body.users).toContainEqual({
      email: 'operator@example.org',
      name: 'Mira Novak',
      role: 'operator',
    });
  });

  it('are a 404, and nobody is seeded, without', async () => {
    const bare = await openClinic({ DEMO: 'false' });

    expect(problemOf(await ask(`${bare.url}/api/demo`))).toEqual({ status: 404, code: 'not_found' });
    const credentials = { email: 'patient@example.org', password: 'carillon' };
    expect((await ask(`${bare.url}/api/auth/login`, { body: credentials })).status).toBe(401);

    await bare.close();
  });
});

function login<T = Record<string, unknown>>(
  email: string,
  password: string,
  from = '10.0.1.1',
): Promise<Answer<T>> {
  return ask(`${clinic.url}/api/auth/login`, {
    body: { email, password },
    headers: { 'X-Forwarded-For': from },
  });
}

function me(token: string): Promise<Answer> {
  return ask(`${clinic.url}/api/me`, { token });
}

function unsigned(sid: string): string {
  return new UnsecuredJWT({ sid })
    .setSubject('1')
    .setIssuer('carillon')
    .setAudience('carillon')
    .setExpirationTime('10m')
    .encode();
}
