import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { limits } from '../limits.js';
import type { Store } from '../../library/store/store.js';
import type { UsersService } from '../users/users.service.js';
import { LiveSessions } from './live-sessions.js';
import { LoginSessions } from './login-sessions.js';
import { ownTokens } from './tokens.js';

it('who asks while a look-up is on its way goes with the next, also where the first one fails', async () => {
  const asked: string[][] = [];
  let answer: (() => void) | undefined;
  const sessions = sessionsOf(async (ids) => {
    asked.push(ids);
    if (asked.length > 1) return ids.map(rowOf);
    await new Promise<void>((resolve) => (answer = resolve));
    throw new Error('no database');
  });

  const first = sessions.bySession('a');
  await expect.poll(() => answer).toBeDefined();
  const second = sessions.bySession('b');
  await setImmediate();
  await setImmediate();
  const third = sessions.bySession('c');
  answer?.();

  await expect(first).rejects.toThrow('no database');
  expect((await Promise.all([second, third])).map(({ sessionId }) => sessionId)).toEqual(['b', 'c']);
  expect(asked).toEqual([['a'], ['b', 'c']]);
});

function sessionsOf(find: (ids: string[]) => Promise<unknown[]>): LoginSessions {
  const read = {
    connection: { options: { type: 'sqlite' } },
    query: (_: string, [ids]: [string]) => find((JSON.parse(ids) as [string][]).flat()),
  };
  return new LoginSessions({ read } as unknown as Store, {} as UsersService, {
    limits,
    tokens: ownTokens(Buffer.alloc(32, 's')),
    live: new LiveSessions({
      pollMs: 1_000,
      look: () => Promise.resolve([]),
      logError: () => undefined,
    }),
  });
}

function rowOf(id: string): object {
  const expires_at = Date.now() + 60_000;
  return { id, expires_at, revoked_at: null, user_id: 1, email: 'ada@example.org', role: 'patient' };
}
