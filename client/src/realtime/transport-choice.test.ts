import { beforeEach, describe, expect, it } from 'vitest';
import type { Ending } from './ending.js';
import { TransportChoice } from './transport-choice.js';

const refused: Ending = { wasConnected: false, timedOut: false, closeCode: 1006 };
const timedOut: Ending = { ...refused, timedOut: true };
const dropped: Ending = { ...refused, wasConnected: true };
const hour = 60 * 60 * 1_000;

let now: number;
let serverAnswers: boolean;
let kept: Map<string, string>;

beforeEach(() => {
  now = 1_000_000;
  serverAnswers = true;
  kept = new Map();
});

function pageLoads(): TransportChoice {
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return new TransportChoice(
    storage,
    () => now,
    () => Promise.resolve(serverAnswers),
  );
}

describe('WebSocket first', () => {
  it('forgets SockJS when the clock was set back by a day', async () => {
    await pageLoads().ended(timedOut);
    const choice = pageLoads();
    await choice.ended(timedOut);
    choice.connected();

    now -= 24 * hour;

    expect(pageLoads().family).toBe('websocket');
  });

  it('takes SockJS after two failures before CONNECTED', async () => {
    const choice = pageLoads();

    await choice.ended(refused);
    expect(choice.family).toBe('websocket');
    await choice.ended(refused);

    expect(choice.family).toBe('sockjs');
  });

  it('takes SockJS at once when CONNECTED did not come in time', async () => {
    const choice = pageLoads();

    await choice.ended(timedOut);

    expect(choice.family).toBe('sockjs');
  });

  it('keeps WebSocket while the server answers nothing at all', async () => {
    const choice = pageLoads();
    serverAnswers = false;

    for (const ending of [timedOut, refused, refused, timedOut]) {
      await choice.ended(ending);
      expect(choice.family).toBe('websocket');
    }
  });

  it('does not count a connection that worked and dropped, nor a refusal in words', async () => {
    const choice = pageLoads();

    await choice.ended(refused);
    choice.connected();
    await choice.ended(dropped);
    await choice.ended(refused);
    await choice.ended({ ...refused, error: { code: 'auth_expired', retryable: true } });

    expect(choice.family).toBe('websocket');
  });
});

describe('WebSocket that has worked', () => {
  async function restarts(): Promise<TransportChoice> {
    const choice = pageLoads();
    choice.connected();
    await choice.ended({ ...dropped, closeCode: 1001 });
    serverAnswers = false;
    await choice.ended(refused);
    await choice.ended(refused);
    serverAnswers = true;
    return choice;
  }

  it('is kept over a restart of the server, though HTTP comes up a moment earlier', async () => {
    const choice = await restarts();

    for (const ending of [refused, timedOut, refused]) {
      await choice.ended(ending);
      expect(choice.family).toBe('websocket');
      now += 1_000;
    }
  });

  it('gives way when the server answers HTTP for some seconds and WebSocket fails still', async () => {
    const choice = await restarts();

    await choice.ended(refused);
    now += 5_000;
    await choice.ended(refused);

    expect(choice.family).toBe('sockjs');
  });

  it('counts the seconds anew when the server is away in between', async () => {
    const choice = await restarts();

    for (const isUp of [true, false, true]) {
      serverAnswers = isUp;
      await choice.ended(refused);
      expect(choice.family).toBe('websocket');
      now += 5_000;
    }
  });
});

describe('SockJS, once it worked', () => {
  async function fallsBack(): Promise<TransportChoice> {
    const choice = pageLoads();
    await choice.ended(timedOut);
    choice.connected();
    return choice;
  }

  it('is remembered over a reload, for an hour', async () => {
    await fallsBack();

    now += hour - 1;
    expect(pageLoads().family).toBe('sockjs');
    now += 1;
    expect(pageLoads().family).toBe('websocket');
  });

  it('is tried again after a drop, until the hour is over', async () => {
    const choice = await fallsBack();

    await choice.ended(dropped);
    expect(choice.family).toBe('sockjs');
    now += hour;
    await choice.ended(dropped);

    expect(choice.family).toBe('websocket');
  });

  it('gives way to WebSocket when it fails too', async () => {
    const choice = await fallsBack();

    await choice.ended(refused);

    expect(choice.family).toBe('websocket');
    expect(pageLoads().family).toBe('websocket');
  });
});
