import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openClinic, problemOf, type Answer, type Clinic } from './clinic.js';

let clinic: Clinic;
let issuer: Server;
let key: CryptoKey;
let publicKey: CryptoKey;
let JWKS_URL: string;

beforeAll(async () => {
  ({ privateKey: key, publicKey } = await generateKeyPair('ES256'));
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
  issuer = createServer((_, response) => response.end(JSON.stringify(keys))).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const { port } = issuer.address() as AddressInfo;
  JWKS_URL = `http://127.0.0.1:${port}/keys`;
  clinic = await openClinic({ JWT_SECRET: '', JWKS_URL, JWT_ISSUER: 'https://issuer.example' });
});
afterAll(async () => {
  await clinic.close();
  issuer.close();
});

/** As the issuer's, but for what a case changes. */
function token(claims: Record<string, unknown> = {}): SignJWT {
  return new SignJWT({ email: 'Patient@example.org', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer('https://issuer.example')
    .setAudience('carillon')
    .setExpirationTime('10m');
}

describe('with an issuer elsewhere', () => {
  it('its token stands for the user with that e-mail address', async () => {
    const answer = await me(await token().sign(key));

    expect(answer).toMatchObject({ status: 200, body: { email: 'patient@example.org', role: 'patient' } });
  });

  it('a token can be logged out and have tickets like any other', async () => {
    const mine = await token({ jti: 'mine' }).sign(key);
    const other = await token({ jti: 'other' }).sign(key);
    const ticket = await ask(`${clinic.url}/api/auth/ticket`, { token: mine, method: 'POST' });
    expect(ticket.status).toBe(201);

    await ask(`${clinic.url}/api/auth/logout`, { token: mine, method: 'POST' });

    expect(problemOf(await me(mine))).toEqual({ status: 401, code: 'auth_revoked' });
    expect((await me(other)).status).toBe(200);
  });

  it.each<[string, string, () => Promise<string>]>([
    ['of nobody here', 'auth_failed', () => token({ email: 'nobody@example.org' }).sign(key)],
    ['without an e-mail address', 'auth_failed', () => token({ email: 7 }).sign(key)],
    ['that has expired', 'auth_expired', () => token().setExpirationTime('-1s').sign(key)],
    ['for another audience', 'auth_failed', () => token().setAudience('another').sign(key)],
    ['of another issuer', 'auth_failed', () => token().setIssuer('https://tenant.example').sign(key)],
    [
      'signed with a key of somebody else',
      'auth_failed',
      async () => token().sign((await generateKeyPair('ES256')).privateKey),
    ],
    [
      'signed with the public key as if it were a secret',
      'auth_failed',
      async () => {
        const secret = Buffer.from(JSON.stringify(await exportJWK(publicKey)));
        return new SignJWT({ email: 'patient@example.org' })
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .setIssuer('https://issuer.example')
          .setAudience('carillon')
          .setExpirationTime('10m')
          .sign(secret);
      },
    ],
  ])('a token %s is refused with %s', async (_, code, make) => {
    expect(problemOf(await me(await make()))).toEqual({ status: 401, code });
  });

  it('which issuer it is does not matter unless it is set', async () => {
    const anybodys = await openClinic({ JWT_SECRET: '', JWKS_URL });

    const answer = await ask(`${anybodys.url}/api/me`, {
      token: await token().setIssuer('https://tenant.example').sign(key),
    });

    expect(answer.status).toBe(200);
    await anybodys.close();
  });

  it('passwords are worth nothing', async () => {
    const body = { email: 'patient@example.org', password: 'carillon' };

    const answer = await ask(`${clinic.url}/api/auth/login`, { body });

    expect(problemOf(answer)).toEqual({ status: 401, code: 'auth_failed' });
  });
});

function me(bearer: string): Promise<Answer> {
  return ask(`${clinic.url}/api/me`, { token: bearer });
}
