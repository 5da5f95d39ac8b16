import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStore, type Store } from '../state/store.js';
import { browserClock } from './clock.js';
import { Lookout, type StreamEvents } from './lookout.js';
import type { Status } from './status.js';

const live: Status = { state: 'live', transport: 'websocket', role: 'solo', since: 0 };
const waiting: Status = { state: 'waiting', attempt: 1, nextAttemptAt: 0, downSince: 0, cause: 'network' };
const connecting: Status = { state: 'connecting', attempt: 2, downSince: 0 };

let status: Store<Status>;
let looks: number;
let answers: boolean;
let lookout: Lookout;
let streams: { readonly events: StreamEvents; readonly end: () => void }[];
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  [looks, answers] = [0, true];
  status = createStore<Status>(live);
  streams = [];
  const means = {
    look() {
      looks++;
      return Promise.resolve(answers);
    },
    listen: (events: StreamEvents) =>
      new Promise<void>((resolve) => {
        streams.push({ events, end: resolve });
        events.signal.addEventListener('abort', () => resolve());
      }),
  };
  lookout = new Lookout(status, means, browserClock);
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
  expect(lookout.outlook.get()).toBe('asking');
});

it('says so only where the server answers', async () => {
  answers = false;
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);

  expect(looks).toBe(1);
  expect(lookout.outlook.get()).toBe('none');
});

it('rests when there is a connection again, and at its end', async () => {
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);
  status.set(live);
  expect(lookout.outlook.get()).toBe('none');

  status.set(waiting);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(1);
});

it('says that a stream brings news, and has one stream at a time', async () => {
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(streams).toHaveLength(1);

  streams[0]?.events.onOpen();
  expect(lookout.outlook.get()).toBe('streaming');
});

it('goes on asking when the stream ends, and opens another one', async () => {
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);
  streams[0]?.events.onOpen();
  streams[0]?.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(lookout.outlook.get()).toBe('asking');

  await vi.advanceTimersByTimeAsync(20_000);
  expect(streams).toHaveLength(2);
});

it('closes the stream when there is a connection again', async () => {
  status.set(waiting);
  await vi.advanceTimersByTimeAsync(10_000);
  streams[0]?.events.onOpen();

  status.set(live);

  expect(streams[0]?.events.signal.aborted).toBe(true);
  expect(lookout.outlook.get()).toBe('none');
});
