import { readdir, readlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClinic, type Clinic } from '../rest/clinic.js';
import { get, RawClient } from './raw-client.js';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic({
    LIMIT_REQUEST_HEAD_MS: '300',
    LIMIT_REQUEST_MS: '600',
    LIMIT_REFRESH_MS: '60000',
  });
});
afterAll(() => clinic.close());

const open = (): Promise<RawClient> => RawClient.open(Number(new URL(clinic.url).port));

/** Descriptors of this process, which the server shares. */
async function openBundles(): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const files = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return files.filter((file) => file.endsWith('swagger-ui-bundle.js')).length;
}

describe('a thousand requests for a file in one write', () => {
  it('open it once, and not when their client is gone', async () => {
    const raw = await RawClient.open(Number(new URL(clinic.url).port), { isReading: false });
    raw.send(get('/api/docs/swagger-ui-bundle.js').repeat(1_000));
    await expect.poll(openBundles).toBe(1);

    raw.cut();

    await expect.poll(openBundles).toBe(0);
  });

  it('have all their answers where they are read', async () => {
    const raw = await open();

    raw.send(get('/api/docs/start.js').repeat(1_000));

    expect(await raw.answers(1_000)).toEqual(Array.from({ length: 1_000 }, () => 200));
    raw.socket.destroy();
  });
});

describe('what is dear to make and anybody may ask for', () => {
  it.each(['/metrics', '/readyz', '/api/openapi.json', '/api/asyncapi.json'])(
    'is made once: %s',
    async (path) => {
      const answers = await Promise.all(
        [1, 2, 3].map(() => fetch(clinic.url + path).then((answer) => answer.text())),
      );

      expect(new Set(answers).size).toBe(1);
    },
  );
});

describe('a socket', () => {
  it('that never says anything is closed', async () => {
    await (
      await open()
    ).closed;
  });

  it.each([
    ['head', 'GET /livez HTTP/1.1\r\nHost: test\r\n'],
    [
      'body',
      'POST /api/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('on which a request’s %s takes too long is told so and closed', async (_, bytes) => {
    const raw = await open();

    raw.send(bytes);
    await raw.closed;

    expect(raw.statuses).toEqual([408]);
  });

  it('whose request has a long head is told so and closed', async () => {
    const raw = await open();

    raw.send(get('/livez', `X-Long: ${'x'.repeat(20_000)}`));
    await raw.closed;

    expect(raw.statuses).toEqual([431]);
  });
});
