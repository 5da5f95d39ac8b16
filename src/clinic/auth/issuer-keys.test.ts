import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, jwtVerify, type CryptoKey } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits as defaults, type Limits } from '../limits.js';
import { IssuerKeys } from './issuer-keys.js';

describe('the keys of an issuer', () => {
  let issuer: Server;
  let status: number;
  let questions: number;
  let authorization: string | undefined;
  let url: URL;
  let now: number;
  let told: string[];
  let key: CryptoKey;

  beforeEach(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    key = privateKey;
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] });
    [status, questions, now, told] = [200, 0, 1_000_000, []];
    issuer = createServer((request, response) => {
      questions++;
      authorization = request.headers.authorization;
      response.writeHead(status).end(keys);
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    url = new URL(`http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`);
  });
  afterEach(() => {
    issuer.close();
    issuer.closeAllConnections();
  });

  const open = (given: Partial<Limits> = {}): IssuerKeys =>
    new IssuerKeys(url, {
      limits: { ...defaults, ...given },
      tell: (message) => told.push(message),
      now: () => now,
    });

  async function verify(keys: IssuerKeys, kid = 'one'): Promise<string> {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(key);
    return jwtVerify(token, keys.keyOf).then(
      () => 'good',
      (error: { code: string }) => error.code,
    );
  }

  it('are asked for once, until they are old', async () => {
    const keys = open({ issuerKeysMs: 60_000 });
    for (let i = 0; i < 5; i++) expect(await verify(keys)).toBe('good');
    expect(questions).toBe(1);

    now += 60_001;
    await verify(keys);

    await expect.poll(() => questions).toBe(2);
  });

  it('that were good are used for a while when the issuer is away, and then no more', async () => {
    const keys = open({ issuerOutageMs: 3_600_000 });
    await verify(keys);
    status = 500;

    now += 3_600_000;
    expect(await verify(keys)).toBe('good');
    now += 1;
    expect(await verify(keys)).toBe('unavailable');
  });

  it('are not asked for in the pause after the last time', async () => {
    const keys = open({ issuerPauseMs: 5_000 });
    status = 500;
    for (let i = 0; i < 5; i++) expect(await verify(keys)).toBe('unavailable');
    expect(questions).toBe(1);

    status = 200;
    now += 5_000;

    expect(await verify(keys)).toBe('good');
  });

  it('that nobody knows are asked for once in a pause', async () => {
    const keys = open({ issuerPauseMs: 5_000 });
    await verify(keys);
    now += 5_000;

    const codes = await Promise.all(Array.from({ length: 20 }, (_, i) => verify(keys, `${i}`)));

    expect(new Set(codes)).toEqual(new Set(['ERR_JWKS_NO_MATCHING_KEY']));
    expect(questions).toBe(2);
  });

  it('that fail to come are told once, and once when they are back', async () => {
    const keys = open({ issuerPauseMs: 1 });
    for (status of [500, 500, 200, 200]) {
      now += 10;
      await verify(keys, 'unknown');
    }

    expect(told).toEqual(['The issuer of tokens gives no keys', 'The issuer of tokens gives its keys again']);
  });

  it('are asked for with the name and password of the URL', async () => {
    url.username = 'us%C3%A9r';
    url.password = 'secret';

    await verify(open());

    expect(authorization).toBe(`Basic ${Buffer.from('usér:secret').toString('base64')}`);
  });
});
