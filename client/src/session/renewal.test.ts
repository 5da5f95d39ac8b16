import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Http } from '../api/http.js';
import type { Login } from '../api/types.js';
import type { KeptLogin, LoginStorage } from './login-storage.js';
import { Renewal } from './renewal.js';
import { Session } from './session.js';

const minute = 60_000;
const hour = 60 * minute;

let kept: KeptLogin | undefined;
let asked: number;
let lifeSeconds: number;
/** How far this computer's clock is ahead. */
let ahead: number;
let renewals: Renewal[];

const storage: LoginStorage = {
  load: () => kept,
  save: (login) => (kept = login),
  clear: () => (kept = undefined),
  leave: () => (kept = undefined),
  isChosen: true,
  staying: () => [],
  remember: () => undefined,
  remembered: () => undefined,
};
const clock = () => Date.now() + ahead;
const http = (() => {
  asked++;
  return Promise.resolve(login());
}) as Http;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00Z') });
  [kept, asked, lifeSeconds, ahead, renewals] = [undefined, 0, 3_600, 0, []];
});

afterEach(() => {
  for (const renewal of renewals) renewal.stop();
  vi.useRealTimers();
});

function login(): Login {
  return {
    token: `token ${asked}`,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    expiresIn: lifeSeconds,
    user: { id: 7, email: 'paula@example.org', name: 'Paula', role: 'patient' },
  };
}

function pageLoads(): { session: Session; renewal: Renewal } {
  const session = new Session(storage, clock);
  const renewal = new Renewal(session, http, clock);
  renewals.push(renewal);
  return { session, renewal };
}

function signIn(): { session: Session; renewal: Renewal } {
  const page = pageLoads();
  page.session.begin(login());
  page.renewal.start();
  return page;
}

it.each([0, 61 * minute, 24 * hour, -20 * minute, -24 * hour])(
  'asks once in 48 minutes for a token of an hour, on a clock that is %i ms ahead',
  async (error) => {
    ahead = error;
    signIn();

    await vi.advanceTimersByTimeAsync(47 * minute);
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(48 * minute);
    expect(asked).toBe(2);
  },
);

it.each([61 * minute, -24 * hour])('a reload on a clock that is %i ms ahead signs nobody out', (error) => {
  ahead = error;
  signIn();

  const { session, renewal } = pageLoads();
  renewal.start();

  expect(session.state.get().signedIn).toBe(true);
  expect(asked).toBe(0);
});

it.each([
  ['forward', 2 * hour],
  ['back', -2 * hour],
])('where the clock is set %s meanwhile, a reload asks once, since no age is known', async (_, jump) => {
  signIn();
  renewals[0]!.stop();
  ahead = jump;

  pageLoads().renewal.start();
  await vi.advanceTimersByTimeAsync(40 * minute);

  expect(asked).toBe(1);
});

it('is young after a reload for what is left, not anew', async () => {
  signIn();
  await vi.advanceTimersByTimeAsync(40 * minute);
  renewals[0]!.stop();

  pageLoads().renewal.start();
  await vi.advanceTimersByTimeAsync(9 * minute);

  expect(asked).toBe(1);
});

it.each([0, 1, Number.NaN, -5])('asks at most every five seconds where a token lives %d s', async (life) => {
  lifeSeconds = life;
  signIn();

  await vi.advanceTimersByTimeAsync(minute);

  expect(asked).toBe(12);
});

it('doesn’t ask at once where a token lives longer than a timer can wait', async () => {
  lifeSeconds = 60 * 24 * 3_600;
  signIn();

  await vi.advanceTimersByTimeAsync(hour);

  expect(asked).toBe(0);
});

it('a token that was kept by an older page is renewed at once', async () => {
  kept = { login: login() } as KeptLogin;
  pageLoads().renewal.start();

  await vi.advanceTimersByTimeAsync(minute);

  expect(asked).toBe(1);
});
