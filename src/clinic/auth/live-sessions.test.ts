import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../library/testing/fake-clock.js';
import { LiveSessions } from './live-sessions.js';

describe('live sessions', () => {
  let revoked: string[] | Error;
  let looks: number;
  let errors: unknown[];
  let live: LiveSessions;
  let clock: FakeClock;
  const soon = () => new Date(Date.now() + 60_000);
  /** So many intervals pass, each with what is added to it. */
  const passIntervals = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      clock.pass(1_100);
      await setImmediate();
    }
  };

  beforeEach(() => {
    clock = new FakeClock();
    revoked = [];
    looks = 0;
    errors = [];
    live = new LiveSessions({
      pollMs: 1_000,
      look: () => {
        looks++;
        return revoked instanceof Error ? Promise.reject(revoked) : Promise.resolve(revoked);
      },
      logError: (_, error) => errors.push(error),
      clock,
    });
  });
  afterEach(() => {
    live.onApplicationShutdown();
  });

  it('end at once where they are revoked, and the others go on', () => {
    const [one, same, other] = [
      live.endingOf('a', soon(), 'ada'),
      live.endingOf('a', soon(), 'ada'),
      live.endingOf('b', soon(), 'ada'),
    ];
    const heard: string[] = [];
    const gone = () => heard.push('gone');
    one.addEventListener('abort', gone);
    one.addEventListener('abort', () => heard.push('one'));
    same.addEventListener('abort', () => heard.push('same'));
    other.addEventListener('abort', () => heard.push('other'));
    one.removeEventListener('abort', gone);

    live.revoke('a');
    live.revoke('a');
    expect(heard).toEqual(['one', 'same']);

    expect([one, same, other].map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });

  it('end where they are revoked, also behind one whose end fails, which is logged', async () => {
    const heard: string[] = [];
    const fault = new Error('mine');
    const [a, b] = [live.endingOf('a', soon(), 'ada'), live.endingOf('b', soon(), 'ada')];
    a.addEventListener('abort', () => {
      throw fault;
    });
    a.addEventListener('abort', () => heard.push('a'));
    b.addEventListener('abort', () => heard.push('b'));

    revoked = ['a', 'b'];
    await passIntervals(1);

    expect(heard).toEqual(['a', 'b']);
    expect(errors).toEqual([fault]);
  });

  it('end with the next look when another node revoked them', async () => {
    const ending = live.endingOf('a', soon(), 'ada');
    await passIntervals(5);
    expect(ending.aborted).toBe(false);

    revoked = ['a', 'of another node'];
    await passIntervals(1);

    expect(ending.aborted).toBe(true);
  });

  it('go on while the database is away, which is logged once, and are looked for again when it is back', async () => {
    const ending = live.endingOf('a', soon(), 'ada');

    revoked = new Error('no database');
    await passIntervals(2);
    expect(ending.aborted).toBe(false);
    expect(errors).toHaveLength(1);

    revoked = ['a'];
    await passIntervals(1);
    expect(ending.aborted).toBe(true);
  });

  it('are looked for only while there are any', async () => {
    await passIntervals(10);
    expect(looks).toBe(0);

    live.endingOf('a', soon(), 'ada');
    await passIntervals(5);
    expect(looks).toBe(5);

    live.revoke('a');
    await passIntervals(10);
    expect([looks, clock.pending]).toEqual([5, 0]);
  });

  it('are forgotten when their time is over, without an end: that comes by itself', async () => {
    const ending = live.endingOf('a', new Date(Date.now() - 1), 'ada');

    await passIntervals(60);

    expect(looks).toBe(20);
    expect(ending.aborted).toBe(false);
  });

  it('end where their user has another name, and are lived on under that', () => {
    const before = live.endingOf('a', soon(), 'ada');

    const after = live.endingOf('a', soon(), 'ada at home');

    expect([before.aborted, after.aborted]).toEqual([true, false]);
  });
});
