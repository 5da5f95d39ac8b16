import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Log, LogMessage } from '../../../src/library/broker/log.js';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { attachStomp, type AttachedBroker } from '../../../src/library/transport/attach-stomp.js';
import type { Message } from './link.js';
import { Realtime, type RealtimeOptions } from './realtime.js';
import { FakeBrowser, FakeWindow } from './fake-browser.js';

const news = '/user/queue/news';

/** A real broker on a real socket; tabs, their locks, channels and clock are a fake browser's. */
let server: Server;
let attached: AttachedBroker;
let log: News;
let clock: FakeClock;
let browser: FakeBrowser;
let tabs: Tab[];

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  server = createServer();
  log = new News();
  attached = await attachStomp(server, {
    authenticator: {
      authenticate: async ({ authorization }) => ({ name: authorization?.slice(7) ?? '', roles: [] }),
    },
    authorizer: { isAllowed: () => true },
    logOf: (address) => (address === '/topic/prices' ? undefined : log),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  clock = new FakeClock();
  browser = new FakeBrowser();
  tabs = [];
});

afterEach(async () => {
  for (const tab of tabs) tab.realtime.stop();
  await attached.close();
  server.close();
  vi.unstubAllGlobals();
});

const roles = () => tabs.map(({ realtime }) => roleOf(realtime));
const connections = () => attached.registry.connections().length;
const publish = (text: string) => attached.broker.publish(log.add(text));

it('ten tabs have one connection, and each hears all', async () => {
  for (let i = 0; i < 10; i++) open();
  await allReady();

  expect(connections()).toBe(1);
  expect(roles().toSorted()).toEqual([...Array.from({ length: 9 }, () => 'follower'), 'leader']);
  publish('one');
  publish('two');
  await allHeard('two');
  expect(tabs.map(({ heard }) => heard)).toEqual(tabs.map(() => ['one', 'two']));
});

it('when the leader’s tab goes, another one goes on from what was heard last: nothing is lost or told twice', async () => {
  for (let i = 0; i < 3; i++) open('news:0');
  await allReady();
  publish('one');
  await allHeard('one');

  crash(tabs[0]!);
  const rest = tabs.slice(1);
  publish('two');
  await vi.waitFor(() => expect(rest.map(({ heard }) => heard.at(-1))).toEqual(['two', 'two']));
  publish('three');
  await vi.waitFor(() => expect(rest.map(({ heard }) => heard.at(-1))).toEqual(['three', 'three']));

  expect(rest.map(({ heard }) => heard)).toEqual(rest.map(() => ['one', 'two', 'three']));
  expect(rest.map(({ realtime }) => roleOf(realtime)).toSorted()).toEqual(['follower', 'leader']);
});

it('whatever order tabs come, go and crash in, none of those that stay misses or repeats anything', async () => {
  const told: string[] = [];
  const random = seeded(20_261_128);
  for (let step = 0; step < 60; step++) {
    const act = random();
    const alive = tabs.filter(({ window }) => !window.isGone);
    if (alive.length < 2 || (act < 0.25 && alive.length < 6)) open(random() < 0.5 ? 'news:0' : undefined);
    else if (act < 0.4) crash(alive[Math.floor(random() * alive.length)]!);
    else if (act < 0.5) attached.registry.connections().forEach((one) => one.terminate('internal_error'));
    else {
      told.push(`${step}`);
      publish(`${step}`);
    }
    if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, Math.floor(random() * 20)));
    clock.pass(100);
  }

  const alive = tabs.filter(({ window }) => !window.isGone);
  let last = '';
  // A tab that wanted only what comes from then on may not have been there yet.
  await vi.waitFor(() => {
    clock.pass(500);
    if (alive.every(({ heard }) => last !== '' && heard.at(-1) === last)) return;
    last = `last ${told.length}`;
    told.push(last);
    publish(last);
    throw new Error('Not all have heard it.');
  }, 10_000);
  for (const { heard, since } of alive) {
    // A tab that asked for all has all; one that came later has all that was told from then on.
    const expected = since === undefined ? told.slice(told.indexOf(heard[0] ?? '')) : told;
    expect(heard).toEqual(expected);
  }
  await vi.waitFor(() => expect(connections()).toBe(1));
}, 30_000);

it('a tab that comes later gets what it missed, alone', async () => {
  open('news:0');
  await allReady();
  publish('one');
  publish('two');
  await allHeard('two');

  const late = open('news:1');
  await allReady();
  publish('three');
  await allHeard('three');

  expect(late.heard).toEqual(['two', 'three']);
  expect(late.verdicts).toEqual(['complete']);
  expect(tabs[0]?.heard).toEqual(['one', 'two', 'three']);
  expect(tabs[0]?.verdicts).toEqual(['complete']);
});

it('a tab whose place is gone is told so, and no other tab', async () => {
  open('news:0');
  await allReady();
  const late = open('another:7');
  await allReady();
  publish('one');
  await allHeard('one');

  expect(late.verdicts).toEqual(['reset']);
  expect(tabs[0]?.verdicts).toEqual(['complete']);
});

it('what a follower sends goes by the leader, and is answered', async () => {
  open();
  const follower = open();
  await allReady();

  await follower.realtime.send('/topic/prices', 'tea');

  await expect(follower.realtime.send('/nowhere', 'tea')).rejects.toThrow('The connection ended');
});

it('a leader that is hidden for a minute lets one lead that is looked at', async () => {
  const first = open();
  const second = open();
  await allReady();
  second.window.look(false);
  first.window.look(false);
  clock.pass(61_000);
  expect(roleOf(first.realtime)).toBe('leader');

  second.window.look(true);

  await vi.waitFor(() => expect(roleOf(second.realtime)).toBe('leader'));
  await vi.waitFor(() => expect(roleOf(first.realtime)).toBe('follower'));
  await vi.waitFor(() => expect(connections()).toBe(1));
});

it('the lead is taken from a tab that hangs, within four seconds for who looks on', async () => {
  const hung = open('news:0');
  open('news:0');
  await allReady();

  hung.window.hang();
  clock.pass(9_000);
  publish('one');

  await vi.waitFor(() => expect(roleOf(tabs[1]!.realtime)).toBe('leader'));
  await vi.waitFor(() => expect(tabs[1]?.heard).toEqual(['one']));
  hung.window.resume();
  await vi.waitFor(() => expect(roles()).toEqual(['follower', 'leader']));
  await vi.waitFor(() => expect(connections()).toBe(1));
});

it.each([3_600_000, -3_600_000])('nobody loses the lead where the clock is set by %i ms', async (byMs) => {
  open('news:0');
  open('news:0');
  await allReady();

  clock.stepWall(byMs);
  clock.pass(1_000);
  publish('one');
  await allHeard('one');

  expect(roles()).toEqual(['leader', 'follower']);
  crash(tabs[0]!);
  publish('two');
  await vi.waitFor(() => expect(tabs[1]?.heard).toEqual(['one', 'two']));
});

it('two that take the lead at once end as one leader', async () => {
  const hung = open();
  for (let i = 0; i < 4; i++) open();
  await allReady();

  hung.window.hang();
  clock.pass(9_000);
  hung.window.resume();

  await vi.waitFor(() => {
    clock.pass(2_000);
    expect(roles().filter((role) => role === 'leader')).toHaveLength(1);
    expect(roles().filter((role) => role === 'follower')).toHaveLength(4);
  });
  await vi.waitFor(() => expect(connections()).toBe(1));
});

it('without locks, without channels, or beside a tab of another version, each tab has its own connection', async () => {
  open();
  // Node has locks of its own since version 24.
  vi.stubGlobal('navigator', undefined);
  open(undefined, { locks: undefined });
  await allReady();
  expect(roles()).toEqual(['leader', 'solo']);

  const later = new FakeWindow(browser);
  later.foreignVersion = 2;
  open(undefined, {}, later);
  await allReady();
  expect(roles()).toEqual(['leader', 'solo', 'solo']);

  open(undefined, {
    channel: () => {
      throw new Error('Forbidden here.');
    },
  });
  await allReady();
  expect(roles()).toEqual(['leader', 'solo', 'solo', 'solo']);
  expect(connections()).toBe(4);
});

it('two users have a connection each', async () => {
  open(undefined, { sharedAs: 'ada' });
  open(undefined, { sharedAs: 'bob', token: async () => 'bob' });
  open(undefined, { sharedAs: 'ada' });
  await allReady();

  expect(roles()).toEqual(['leader', 'leader', 'follower']);
  expect(connections()).toBe(2);
});

it('a page that is hidden away lets go, and joins again when it is shown', async () => {
  const first = open('news:0');
  const second = open('news:0');
  await allReady();
  first.window.hideAway();
  publish('one');
  await vi.waitFor(() => expect(second.heard).toEqual(['one']));

  first.window.wake();

  await vi.waitFor(() => expect(first.heard).toEqual(['one']));
  expect(roleOf(first.realtime)).toBe('follower');
});

it('leaves no timer, lock or channel when it is stopped', async () => {
  open();
  open();
  await allReady();

  for (const { realtime } of tabs) realtime.stop();

  await vi.waitFor(() => expect(browser.isQuiet).toBe(true));
  expect(clock.pending).toBe(0);
});

interface Tab {
  readonly realtime: Realtime;
  readonly window: FakeWindow;
  readonly heard: string[];
  readonly verdicts: string[];
  readonly since: string | undefined;
  ready: number;
}

function open(since?: string, options: Partial<RealtimeOptions> = {}, window = new FakeWindow(browser)): Tab {
  const realtime = new Realtime({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    token: async () => 'ada',
    onUnauthorized: () => undefined,
    storage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
    clock,
    online: window,
    sharedAs: 'ada',
    locks: window.locks,
    channel: window.openChannel,
    ...options,
  });
  const tab: Tab = { realtime, window, heard: [], verdicts: [], since, ready: 0 };
  let cursor = since;
  realtime.subscribe({
    destination: news,
    since: () => cursor,
    onReady: () => tab.ready++,
    onMessage(message: Message) {
      cursor = message.cursor ?? cursor;
      if (message.eventType === 'resume') tab.verdicts.push((message.body as { verdict: string }).verdict);
      else tab.heard.push(message.body as string);
    },
  });
  realtime.start();
  tabs.push(tab);
  return tab;
}

function crash({ window, realtime }: Tab): void {
  window.crash();
  // Its socket goes with it.
  realtime.stop();
}

async function allReady(): Promise<void> {
  await vi.waitFor(() => expect(tabs.map(({ ready }) => ready > 0)).toEqual(tabs.map(() => true)), 5_000);
}

async function allHeard(text: string): Promise<void> {
  await vi.waitFor(() => expect(tabs.map(({ heard }) => heard.at(-1))).toEqual(tabs.map(() => text)), 5_000);
}

function roleOf({ status }: Realtime): string {
  const now = status.get();
  return now.state === 'live' ? now.role : now.state;
}

/** Numbers in [0, 1), the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Of one user, in memory. */
class News implements Log {
  readonly #rows: LogMessage[] = [];

  add(text: string): LogMessage {
    const seq = this.#rows.length + 1;
    const row = {
      id: `${seq}`,
      address: '/user/ada/queue/news',
      headers: new Map([['content-type', 'application/json']]),
      position: { epoch: 'news', seq },
      body: Buffer.from(JSON.stringify(text)),
    };
    this.#rows.push(row);
    return row;
  }

  async head() {
    return { epoch: 'news', seq: this.#rows.length, earliest: 0 };
  }

  async read(_: string, after: number, limit: number): Promise<LogMessage[]> {
    return this.#rows.slice(after, after + limit);
  }

  async delivered(): Promise<void> {}

  renew() {
    return this.head();
  }
}
