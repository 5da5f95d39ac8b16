import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Status } from '../realtime/status.js';
import { createStore, type Store } from '../state/store.js';
import { Lookout } from './lookout.js';

const live: Status = { state: 'live', transport: 'websocket', since: 0 };
const waiting: Status = { state: 'waiting', attempt: 1, nextAttemptAt: 0, downSince: 0, cause: 'network' };
const connecting: Status = { state: 'connecting', attempt: 2, downSince: 0 };

let status: Store<Status>;
let looks: number;
let answers: boolean;
let lookout: Lookout;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  [looks, answers] = [0, true];
  status = createStore<Status>(live);
  lookout = new Lookout(status, () => {
    looks++;
    return Promise.resolve(answers);
  });
  end = lookout.start();
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

it('asks nothing while there is a connection, nor in a blip', async () => {
  await vi.advanceTimersByTimeAsync(60_000);
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(9_000);
  status.set(live);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(looks).toBe(0);
});

it('asks every 20 seconds while attempts to connect go on and fail', async () => {
  status.set(waiting);
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(5_000);
    status.set(connecting);
    status.set({ ...waiting });
  }
  await vi.advanceTimersByTimeAsync(1_000);

  expect(looks).toBe(3);
  expect(lookout.isLooking.get()).toBe(true);
});

it('says so only where the server answers', async () => {
  answers = false;
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);

  expect(looks).toBe(1);
  expect(lookout.isLooking.get()).toBe(false);
});

it('rests when there is a connection again, and at its end', async () => {
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);
  status.set(live);
  expect(lookout.isLooking.get()).toBe(false);

  status.set(waiting);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(1);
});
