import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { postgres } from '../databases.js';
import { ask, openClinic, problemOf, type Clinic } from '../rest/clinic.js';

type Behaviour = (response: ServerResponse) => void;

let key: CryptoKey;
let publicKey: JWK;
let good: Behaviour;
let issuer: Server;
let behaviour: Behaviour;
let questions = 0;
let JWKS_URL: string;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  good = sends(publicKey);
  issuer = createServer((request, response) => {
    questions++;
    if (request.url === '/elsewhere') good(response);
    else behaviour(response);
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  JWKS_URL = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
});
afterAll(() => {
  issuer.close();
  issuer.closeAllConnections();
});

const troubles: Record<string, Behaviour> = {
  'answers 500': (response) => response.writeHead(500).end('{"keys":[]}'),
  'answers with a page': (response) => response.end('<!doctype html><title>We are back soon</title>'),
  'answers with nothing': (response) => response.end(),
  'cuts the connection': (response) => response.destroy(),
  hangs: () => undefined,
  'hangs in the middle': (response) => response.write('{"keys":['),
  'has its keys elsewhere': (response) => response.writeHead(301, { Location: '/elsewhere' }).end(),
  'redirects for ever': (response) => response.writeHead(302, { Location: JWKS_URL }).end(),
  'sends without end': (response) => pour(response),
  'sends an object without keys': (response) => response.end('{}'),
  'sends no keys': (response) => response.end('{"keys":[]}'),
  'sends null': (response) => response.end('null'),
  'sends keys that are none': (response) => response.end('{"keys":[7,null]}'),
  'sends a key that cannot be read': (response) =>
    response.end('{"keys":[{"kid":"one","kty":"EC","crv":"P-256","x":"!","y":"!"}]}'),
  'sends a key that is too small': (response) =>
    sends(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }))(response),
  'sends a key that checks nothing': (response) => sends({ ...publicKey, key_ops: ['sign'] })(response),
  'sends what is nested too deep': (response) => response.end('['.repeat(500_000)),
};

describe('an issuer that', () => {
  let clinic: Clinic;
  let token: string;
  beforeAll(async () => {
    clinic = await openClinic({
      JWT_SECRET: '',
      JWKS_URL,
      LIMIT_ISSUER_MS: '300',
      LIMIT_ISSUER_PAUSE_MS: '1',
      LIMIT_ISSUER_BYTES: '100000000',
    });
    token = await tokenOf('one');
  });
  afterAll(() => clinic.close());

  it.each(Object.entries(troubles))(
    '%s is unavailable on every transport, which is worth another try',
    async (_, trouble) => {
      behaviour = trouble;

      const answer = await ask(`${clinic.url}/api/me`, { token });
      expect(problemOf(answer)).toEqual({ status: 503, code: 'unavailable' });
      expect(answer.headers.get('retry-after')).toBe('1');

      const stream = await ask(`${clinic.url}/api/notifications/stream`, { token });
      expect(problemOf(stream)).toEqual({ status: 503, code: 'unavailable' });

      expect(await connect(clinic, token)).toMatchObject({
        command: 'ERROR',
        headers: { code: 'unavailable', retryable: 'true' },
        close: 1013,
      });
    },
  );

  it('is back is asked again, and nobody needs to start the server anew', async () => {
    behaviour = good;

    expect((await ask(`${clinic.url}/api/me`, { token })).status).toBe(200);
  });
});

describe('an issuer that fails after it has given keys', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    // Always asked for newer keys, always answered.
    clinic = await openClinic({
      JWT_SECRET: '',
      JWKS_URL,
      LIMIT_ISSUER_MS: '300',
      LIMIT_ISSUER_KEYS_MS: '1',
      LIMIT_ISSUER_PAUSE_MS: '1',
      LIMIT_ISSUER_BYTES: '100000',
    });
  });
  afterAll(() => clinic.close());
  beforeEach(async () => {
    behaviour = good;
    const { status } = await ask(`${clinic.url}/api/me`, { token: await tokenOf('one') });
    if (status !== 200) throw new Error(`A good token was answered ${status}`);
  });

  it.each(Object.entries(troubles))('and %s keeps nobody out whose key is known', async (_, trouble) => {
    const token = await tokenOf('one');
    behaviour = trouble;

    for (let i = 0; i < 3; i++) expect((await ask(`${clinic.url}/api/me`, { token })).status).toBe(200);
    expect(await connect(clinic, token)).toMatchObject({ command: 'CONNECTED' });
  });

  it('makes a token of a key that is not known unavailable, not forged', async () => {
    behaviour = troubles['answers 500']!;

    const answer = await ask(`${clinic.url}/api/me`, { token: await tokenOf('two') });

    expect(problemOf(answer)).toEqual({ status: 503, code: 'unavailable' });
  });
});

describe('tokens that name keys that nobody knows', () => {
  it('make one question, however many they are, and are refused', async () => {
    behaviour = good;
    const clinic = await openClinic({ JWT_SECRET: '', JWKS_URL });
    expect((await ask(`${clinic.url}/api/me`, { token: await tokenOf('one') })).status).toBe(200);
    questions = 0;

    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) =>
        ask(`${clinic.url}/api/me`, { token: await tokenOf(`${i}`) }),
      ),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(questions).toBeLessThanOrEqual(1);
    await clinic.close();
  });
});

describe('a key of an issuer', () => {
  it.each<[string, () => Promise<JWK>]>([
    ['that is private by mistake', async () => ({ ...(await exportJWK(key)), kid: 'one' })],
    ['that has other uses too', async () => ({ ...publicKey, key_ops: ['verify', 'encrypt'] })],
    ['with members of somebody’s own', async () => ({ ...publicKey, ext: 'yes', x5c: 7 }) as unknown as JWK],
  ])('%s checks tokens', async (_, jwk) => {
    behaviour = sends(await jwk());
    const clinic = await openClinic({ JWT_SECRET: '', JWKS_URL });

    const answer = await ask(`${clinic.url}/api/me`, { token: await tokenOf('one') });
    await clinic.close();

    expect(answer.status).toBe(200);
  });
});

describe('a token of an issuer', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    behaviour = good;
    clinic = await openClinic({ JWT_SECRET: '', JWKS_URL, LIMIT_LOGIN_SESSIONS: '2' });
  });
  afterAll(() => clinic.close());

  const statusOf = async (token: string) => (await ask(`${clinic.url}/api/me`, { token })).status;
  const soon = Math.floor(Date.now() / 1000) + 600;

  it('that was one too many is as good as it was', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map((i) => tokenOf('one', { exp: soon + i })));

    for (const token of [...tokens, ...tokens]) expect(await statusOf(token)).toBe(200);
  });

  it('that was ended stays so, however many were ended since', async () => {
    const tokens = await Promise.all([11, 12, 13, 14, 15].map((i) => tokenOf('one', { exp: soon + i })));
    for (const token of tokens) {
      expect(await statusOf(token)).toBe(200);
      await ask(`${clinic.url}/api/auth/logout`, { token, method: 'POST' });
      await clinic.application
        .get(Store)
        .write(({ manager }) =>
          rowsOf(manager, 'update login_session set revoked_at = revoked_at - 60001 where revoked_at > 0'),
        );
    }

    for (const token of tokens) expect(await statusOf(token)).toBe(401);
    expect(await statusOf(await tokenOf('one', { exp: soon + 16 }))).toBe(200);
  });
});

describe('an e-mail address', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    behaviour = good;
    clinic = await openClinic({ JWT_SECRET: '', JWKS_URL });
  });
  afterAll(() => clinic.close());

  it.each([false, 'false', null, 0, 'no'])('whose email_verified is %j is nobody', async (email_verified) => {
    const answer = await ask(`${clinic.url}/api/me`, { token: await tokenOf('one', { email_verified }) });

    expect(problemOf(answer)).toEqual({ status: 401, code: 'auth_failed' });
  });

  it.each([true, 'true', undefined])('whose email_verified is %j is an identity', async (email_verified) => {
    const answer = await ask(`${clinic.url}/api/me`, { token: await tokenOf('one', { email_verified }) });

    expect(answer.status).toBe(200);
  });

  it('in another case is the same', async () => {
    const answer = await ask(`${clinic.url}/api/me`, {
      token: await tokenOf('one', { email: 'Patient@EXAMPLE.org' }),
    });

    expect(answer.body).toMatchObject({ email: 'patient@example.org' });
  });

  it.skipIf(!postgres.isHere)(`with NUL is nobody, on ${postgres.name} too`, async () => {
    const database = await postgres.create();
    const other = await openClinic({ JWT_SECRET: '', JWKS_URL }, database);

    const answer = await ask(`${other.url}/api/me`, { token: await tokenOf('one', { email: 'a\0@b.org' }) });
    await other.close();
    await database.drop();

    expect(problemOf(answer)).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('of a token that never ends is one', async () => {
    const answer = await ask(`${clinic.url}/api/me`, { token: await tokenOf('one', { exp: 1e300 }) });

    expect(answer.status).toBe(200);
  });
});

function sends(...keys: readonly JWK[]): Behaviour {
  return (response) => response.end(JSON.stringify({ keys }));
}

function tokenOf(kid: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ email: 'patient@example.org', exp: Math.floor(Date.now() / 1000) + 600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer('https://issuer.example')
    .setAudience('carillon')
    .sign(key);
}

/** What a CONNECT with the token is answered with; an ERROR with the close after it. */
async function connect({ url }: Clinic, token: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']);
  await once(socket, 'open');
  const closed = once(socket, 'close') as Promise<[number]>;
  socket.send(`CONNECT\naccept-version:1.2\nhost:localhost\nAuthorization:Bearer ${token}\n\n\0`);
  const [data] = (await once(socket, 'message')) as [Buffer];
  const [command = '', ...lines] = data.toString().split('\n\n')[0]!.split('\n');
  if (command === 'CONNECTED') socket.close();
  const [close] = await closed;
  return { command, headers: Object.fromEntries(lines.map((line) => line.split(':', 2))), close };
}

/** Until the other side has had enough; the limit of time or of bytes, whichever comes first. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
