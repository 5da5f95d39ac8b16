import { afterEach, expect, test, vi } from 'vitest';
import { ownTokens } from './tokens.js';

afterEach(() => {
  vi.useRealTimers();
});

const tokens = ownTokens(Buffer.alloc(32, 's'), { knownTokens: 1 });

test('a token that is known ends in time', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const token = await tokens.issue!(1, 'session', new Date(Date.now() + 10_000));
  expect(await tokens.verify(token)).toMatchObject({ kind: 'own', sessionId: 'session' });
  expect(await tokens.verify(token)).toMatchObject({ kind: 'own', sessionId: 'session' });

  vi.setSystemTime(Date.now() + 10_000);

  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'auth_expired' });
});

test('a token that resembles a known one is checked', async () => {
  const token = await tokens.issue!(1, 'session', new Date(Date.now() + 10_000));
  await tokens.verify(token);

  await expect(
    tokens.verify(token.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))),
  ).rejects.toMatchObject({
    code: 'auth_failed',
  });
});
