import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Log, LogHead, LogMessage } from '../../../src/library/broker/log.js';
import { Refusal } from '../../../src/library/errors.js';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { attachStomp, type AttachedBroker } from '../../../src/library/transport/attach-stomp.js';
import { ceilingMs } from './backoff.js';
import type { Message } from './link.js';
import type { Subscription } from './listener.js';
import type { Online, OnlineEvents } from './online.js';
import { Realtime } from './realtime.js';
import type { Status } from './status.js';

const news = '/user/queue/news';

const log: Log = {
  head: async () => head,
  read: async (): Promise<LogMessage[]> => [],
  delivered: async () => {},
  renew: async () => head,
};

/** The far end is a real broker on a real socket; the browser and its clock are fakes. */
let server: Server;
let attached: AttachedBroker;
let refusal: Refusal | undefined;
let head: LogHead;

let clock: FakeClock;
let browser: FakeBrowser;
let realtime: Realtime;
let asked: boolean[];
let token: () => Promise<string | undefined>;
let unauthorized: string[];

beforeEach(async () => {
  // Node 20 has none of its own.
  vi.stubGlobal('WebSocket', WebSocket);
  refusal = undefined;
  head = { epoch: 'news', seq: 0, earliest: 0 };
  server = createServer();
  attached = await attachStomp(server, {
    authenticator: {
      authenticate: async () => {
        if (refusal) throw refusal;
        return { name: 'ada', roles: [] };
      },
    },
    authorizer: { isAllowed: (_user, _verb, address) => address !== '/topic/secret' },
    logOf: (address) => (address === '/topic/prices' ? undefined : log),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  clock = new FakeClock();
  browser = new FakeBrowser();
  asked = [];
  token = async () => 'token';
  unauthorized = [];
  const kept = new Map<string, string>();
  realtime = new Realtime({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    token({ rejected }) {
      asked.push(rejected);
      return token();
    },
    onUnauthorized: (code) => unauthorized.push(code),
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    clock,
    online: browser,
  });
});

afterEach(async () => {
  realtime.stop();
  await attached.close();
  server.close();
  vi.unstubAllGlobals();
});

it('connects, and is live with its subscriptions', async () => {
  const heard = new Heard('/topic/tea');
  realtime.subscribe(heard);
  expect(realtime.status.get()).toEqual({ state: 'idle' });

  realtime.start();
  expect(realtime.status.get()).toEqual({ state: 'connecting', attempt: 1, downSince: 0 });
  await becomes('live');
  await heard.isReady(1);
  attached.broker.publish({ address: '/topic/tea', headers: new Map(), body: Buffer.from('"Tea?"') });

  expect((await heard.message(1)).body).toBe('Tea?');
  expect(realtime.status.get()).toMatchObject({ transport: 'websocket', since: 0 });
});

it('waits when the connection is lost, and comes back with its subscriptions when the time is over', async () => {
  const heard = new Heard('/topic/tea');
  realtime.subscribe(heard);
  realtime.start();
  await heard.isReady(1);
  clock.pass(3_000);

  cut();
  const waiting = await becomes('waiting');
  expect(waiting).toMatchObject({ attempt: 1, downSince: 3_000, cause: 'internal_error' });
  expect(waiting.nextAttemptAt - 3_000).toBeLessThanOrEqual(ceilingMs(1));

  clock.pass(waiting.nextAttemptAt - 3_000 - 0.001);
  expect(realtime.status.get().state).toBe('waiting');
  clock.pass(0.001);
  expect(realtime.status.get()).toMatchObject({ state: 'connecting', attempt: 2, downSince: 3_000 });
  await heard.isReady(2);
  expect(realtime.status.get().state).toBe('live');
});

it('waits the longer the more attempts have failed, and as long as the server says', async () => {
  token = () => Promise.reject(new Error('The login server is away.'));
  realtime.start();
  for (const attempt of [1, 2, 3, 4]) {
    const waiting = await becomes('waiting');
    expect(waiting).toMatchObject({ attempt, downSince: 0, cause: 'network' });
    expect(waiting.nextAttemptAt - clock.monotonic()).toBeLessThanOrEqual(ceilingMs(attempt));
    clock.pass(waiting.nextAttemptAt - clock.monotonic());
  }

  await becomes('waiting');
  token = async () => 'token';
  refusal = new Refusal('rate_limited', 'Not so often.', { retryAfterMs: 70_000 });
  realtime.reconnectNow();
  const told = await becomes('waiting');
  expect(told).toMatchObject({ cause: 'rate_limited', nextAttemptAt: clock.monotonic() + 70_000 });
});

it.each([3_600_000, -3_600_000])(
  'tries again when it is time where the clock was set by %i ms',
  async (byMs) => {
    realtime.start();
    await becomes('live');
    cut();
    const { nextAttemptAt } = await becomes('waiting');

    clock.stepWall(byMs);
    clock.pass(nextAttemptAt - clock.monotonic() - 0.001);
    expect(realtime.status.get().state).toBe('waiting');
    clock.pass(0.001);

    await becomes('live');
  },
);

it('forgets its failures after ten seconds of life, not before', async () => {
  realtime.start();
  for (const [livesMs, attempt] of [
    [9_999, 1],
    [9_999, 2],
    [10_000, 1],
  ] as const) {
    await becomes('live');
    clock.pass(livesMs);
    cut();

    const waiting = await becomes('waiting');
    expect(waiting.attempt).toBe(attempt);
    clock.pass(waiting.nextAttemptAt - clock.monotonic());
  }
});

it('stops for a refusal that trying again does not cure, until it is asked to', async () => {
  const end = realtime.subscribe(new Heard('/topic/secret'));
  realtime.start();

  expect(await becomes('stopped')).toEqual({ state: 'stopped', code: 'forbidden', downSince: 0 });
  expect(clock.pending).toBe(0);
  browser.goesOffline();
  browser.wakes();
  expect(realtime.status.get().state).toBe('stopped');

  end();
  realtime.reconnectNow();
  await becomes('live');
  expect(unauthorized).toEqual([]);
});

it('asks once for a new token, and stops when that is refused as well', async () => {
  refusal = new Refusal('auth_expired', 'That is over.');
  realtime.start();

  expect(await becomes('stopped')).toMatchObject({ code: 'auth_expired' });
  expect(asked).toEqual([false, true]);
  expect(unauthorized).toEqual(['auth_expired']);
});

it('stops when nobody is signed in any more', async () => {
  token = async () => undefined;
  realtime.start();

  expect(await becomes('stopped')).toMatchObject({ code: 'auth_expired' });
});

it('is offline while the browser has no network, tries all the same, and at once when it is back', async () => {
  realtime.start();
  await becomes('live');
  clock.pass(1_000);

  browser.goesOffline();
  const offline = await becomes('offline');
  expect(offline).toMatchObject({ attempt: 1, downSince: 1_000 });
  clock.pass(offline.nextAttemptAt - 1_000);
  expect(realtime.status.get()).toMatchObject({ state: 'connecting', attempt: 2 });
  await becomes('live');

  browser.goesOffline();
  await becomes('offline');
  browser.comesOnline();
  expect(realtime.status.get().state).toBe('connecting');
  await becomes('live');
  expect(clock.pending).toBe(0);
});

it('trusts a live connection on waking, unless more time has gone than heart-beats allow', async () => {
  realtime.start();
  await becomes('live');
  clock.pass(15_000);
  browser.wakes();
  expect(realtime.status.get().state).toBe('live');

  clock.pass(1);
  browser.wakes();
  expect(realtime.status.get()).toMatchObject({ state: 'connecting', downSince: 15_001 });
  await becomes('live');
});

it('lets go of its connection while the page is hidden away, and comes back with it', async () => {
  realtime.start();
  await becomes('live');

  browser.hides();
  expect(realtime.status.get()).toEqual({ state: 'idle' });
  browser.wakes();
  await becomes('live');
});

it('is told by a verdict to begin anew when its place in the log is gone, which is no event', async () => {
  const heard = new Heard(news, 'news:3');
  head = { epoch: 'news', seq: 9, earliest: 5 };
  realtime.subscribe(heard);
  realtime.start();

  const told = await heard.message(1);
  expect(told).toMatchObject({ eventType: 'resume', body: { verdict: 'reset', reason: 'pruned' } });
  expect(realtime.lastEventAt.get()).toBeNull();
});

it('is told where events of other nodes may be lost, which is no event', async () => {
  const heard = new Heard('/topic/prices');
  const gap = new Promise<string>((resolve) => {
    realtime.subscribe(Object.assign(heard, { onGap: resolve }));
  });
  realtime.start();
  await heard.isReady(1);

  attached.broker.missed((address) => address === '/topic/prices', 0);

  expect(await gap).toBe('1970-01-01T00:00:00.000Z');
  expect(realtime.lastEventAt.get()).toBeNull();
});

it('leaves no timer and no listener when it is stopped', async () => {
  realtime.start();
  await becomes('live');
  cut();
  await becomes('waiting');

  realtime.stop();

  expect(clock.pending).toBe(0);
  expect(browser.isWatched).toBe(false);
  expect(realtime.status.get()).toEqual({ state: 'idle' });
});

function cut(): void {
  attached.registry.connections().forEach((connection) => connection.terminate('internal_error'));
}

/** Resolves at once where it is so already. */
async function becomes<State extends Status['state']>(state: State): Promise<Status & { state: State }> {
  const isIt = (status: Status): status is Status & { state: State } => status.state === state;
  for (;;) {
    const status = realtime.status.get();
    if (isIt(status)) return status;
    await changeOf(realtime.status);
  }
}

function changeOf({ subscribe }: { subscribe: (listener: () => void) => () => void }): Promise<void> {
  return new Promise((resolve) => {
    const end = subscribe(() => {
      end();
      resolve();
    });
  });
}

class FakeBrowser implements Online {
  #isOnline = true;
  #events: OnlineEvents | undefined;

  isOnline(): boolean {
    return this.#isOnline;
  }

  isVisible(): boolean {
    return true;
  }

  watch(events: OnlineEvents): () => void {
    this.#events = events;
    return () => {
      this.#events = undefined;
    };
  }

  get isWatched(): boolean {
    return this.#events !== undefined;
  }

  goesOffline(): void {
    this.#isOnline = false;
    this.#events?.onOffline();
  }

  comesOnline(): void {
    this.#isOnline = true;
    this.wakes();
  }

  wakes(): void {
    this.#events?.onWake();
  }

  hides(): void {
    this.#events?.onHide();
  }
}

/** A subscription that remembers what came. */
class Heard implements Subscription {
  readonly #messages: Message[] = [];
  readonly #waiting = new Set<() => void>();
  #ready = 0;

  constructor(
    readonly destination: string,
    private readonly cursor?: string,
  ) {}

  since(): string | undefined {
    return this.cursor;
  }

  onMessage(message: Message): void {
    this.#messages.push(message);
    this.#tell();
  }

  onReady(): void {
    this.#ready++;
    this.#tell();
  }

  async isReady(times: number): Promise<void> {
    while (this.#ready < times) await this.#next();
  }

  async message(count: number): Promise<Message> {
    for (;;) {
      const message = this.#messages[count - 1];
      if (message) return message;
      await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
