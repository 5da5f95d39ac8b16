import { describe, expect, it } from 'vitest';
import type { Refusal } from '../errors.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryReader } from '../testing/memory-reader.js';
import { ADDRESS, PatientLog } from '../testing/patient-log.js';
import type { Admission } from './admission.js';
import { Broker } from './broker.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { Feeds } from './feeds.js';
import type { Log } from './log.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { Draft, Message } from './message.js';
import { NODE_READY } from './node-messages.js';
import type { QueueStore, Readiness } from './queue-store.js';
import { Queues } from './queues.js';
import type { Relay } from './relay.js';
import type { Subscriber, Subscription } from './subscriber.js';

/** A way to other nodes that writes down what it is asked. */
class Way implements Relay {
  readonly published: string[] = [];
  readonly wanted: string[] = [];
  ready: Promise<void> | undefined;
  full: Promise<void> | undefined;

  async open(): Promise<void> {}

  publish({ address, body }: Message): void {
    this.published.push(`${address} ${Buffer.from(body).toString()}`);
  }

  room(): Promise<void> | undefined {
    return this.full;
  }

  want(address: string) {
    this.wanted.push(address);
    return { ready: this.ready, drop: () => void this.wanted.splice(this.wanted.indexOf(address), 1) };
  }

  async close(): Promise<void> {}
}

/** A door of `/topic/rooms.…`, which writes down who came and went; patterns pass over what is below it. */
class Door implements Admission {
  readonly seen: string[] = [];
  refusal: Error | undefined;

  concerns(topic: string): boolean {
    return this.isUnpatterned(topic);
  }

  isUnpatterned(topic: string): boolean {
    return topic.startsWith('/topic/rooms.');
  }

  admit(topic: string): void {
    this.seen.push(`admit ${topic}`);
    if (this.refusal) throw this.refusal;
  }

  joined(topic: string, { sessionId }: Subscriber): void {
    this.seen.push(`${sessionId} joined ${topic}`);
  }

  left(topic: string, { sessionId }: Subscriber): void {
    this.seen.push(`${sessionId} left ${topic}`);
  }
}

const PAGE = { feedPageMessages: 3, storeRetryMs: 500 };

/** A store that other nodes take from, too; it is empty, and writes down what they announced. */
class SharedStore implements QueueStore {
  readonly isShared = true;
  readonly heardOf: string[] = [];

  isSure(): boolean {
    return true;
  }

  async commit(): Promise<readonly number[]> {
    return [];
  }

  async claim(): Promise<[]> {
    return [];
  }

  async release(): Promise<void> {}

  async lengths(): Promise<ReadonlyMap<string, number>> {
    return new Map();
  }

  heard(queue: string, ready: Readiness): void {
    this.heardOf.push(`${queue} ${ready}`);
  }

  onReady(): void {}

  onLost(): void {}

  async close(): Promise<void> {}
}

function setUp(
  logged: ReadonlyMap<string, Log> = new Map(),
  isUnpatterned?: (topic: string) => boolean,
  queueStore?: QueueStore,
) {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const [way, door] = [new Way(), new Door()];
  const queues = new Queues(
    queueStore ?? new ExclusiveQueueStore(new MemoryQueueTable(), clock),
    clock,
    limits,
    onFault,
  );
  const feeds = new Feeds((address) => logged.get(address), clock, { ...limits, ...PAGE }, onFault);
  const broker = new Broker('n', queues, feeds, way, isUnpatterned, door);
  return { clock, way, door, broker };
}

const draft = (address: string, text = 'x', rest: Partial<Draft> = {}): Draft => ({
  address,
  headers: new Map(),
  body: Buffer.from(text),
  ...rest,
});

/** Writes down what it is handed. */
function listener(sessionId?: string, rest: Partial<Subscriber> = {}) {
  const got: string[] = [];
  const subscriber: Subscriber = {
    sessionId,
    deliver: ({ body }) => void got.push(Buffer.from(body).toString()),
    ended: () => void got.push('ended'),
    hasCapacity: () => true,
    onCapacity: () => {},
    ...rest,
  };
  return { got, subscriber };
}

function opened(broker: Broker, address: string, { subscriber }: { subscriber: Subscriber }): Subscription {
  const following = broker.open(address);
  following.start(subscriber);
  return following;
}

describe('what is published here', () => {
  it('goes to the other nodes, whether anybody is here or not', () => {
    const { broker, way } = setUp();
    broker.subscribe('/topic/a', listener().subscriber);

    broker.publish(draft('/topic/a', 'one'));
    broker.publish(draft('/topic/b', 'two'));

    expect(way.published).toEqual(['/topic/a one', '/topic/b two']);
  });

  it('stays here where it is for one session, which is here', () => {
    const { broker, way } = setUp();
    broker.subscribe('/topic/a', listener('ada').subscriber);

    broker.publish(draft('/topic/a', 'here', { audience: { only: 'ada' } }));
    broker.publish(draft('/topic/a', 'elsewhere', { audience: { only: 'bob' } }));
    broker.publish(draft('/topic/a', 'all but one', { audience: { except: 'ada' } }));

    expect(way.published).toEqual(['/topic/a elsewhere', '/topic/a all but one']);
  });

  it('is one message to several users: one id, one body', () => {
    const { broker, way } = setUp();
    const ids: string[] = [];
    for (const name of ['ada', 'bob'])
      broker.subscribe(
        `/user/${name}/queue/x`,
        listener(name, { deliver: ({ id }) => void ids.push(id) }).subscriber,
      );

    broker.publishToUsers(['/user/ada/queue/x', '/user/bob/queue/x'], draft('', 'hello'));

    expect(ids).toEqual(['n-1', 'n-1']);
    expect(way.published).toEqual(['/user/ada/queue/x hello', '/user/bob/queue/x hello']);
    expect(broker.published).toBe(2);
  });

  it('is told to the others alone where they are meant', () => {
    const { broker, way } = setUp();
    const here = listener();
    broker.subscribe('/topic/a', here.subscriber);

    broker.tellOthers({ id: '1', ...draft('/topic/a', 'others') });

    expect([way.published, here.got]).toEqual([['/topic/a others'], []]);
  });

  it('waits for the relay’s room', () => {
    const { broker, way } = setUp();
    expect(broker.room()).toBeUndefined();

    way.full = Promise.resolve();

    expect(broker.room()).toBe(way.full);
  });
});

describe('what another node published', () => {
  it('is handed over here and sent no further', () => {
    const { broker, way } = setUp();
    const here = listener();
    broker.subscribe('/topic/a', here.subscriber);

    expect(broker.deliver({ id: '1', ...draft('/topic/a', 'theirs') })).toBe(true);
    expect(broker.deliver({ id: '2', ...draft('/topic/b', 'nobody’s') })).toBe(false);

    expect([here.got, way.published]).toEqual([['theirs'], []]);
  });

  it.each([
    ['/topic/a', true],
    ['/topic/deep/x', true],
    ['/topic/b', false],
    ['/topic/rooms.x', false],
    ['/user/ada/queue/x', false],
    [ADDRESS, true],
  ])('is heard at %s: %s', async (address, isHeard) => {
    const { broker } = setUp(new Map([[ADDRESS, new PatientLog()]]));
    broker.subscribe('/topic/a', listener().subscriber);
    for (const pattern of ['/topic/deep/*', '/topic/rooms.*'])
      broker.subscribe(pattern, listener().subscriber);
    opened(broker, ADDRESS, listener());

    expect(broker.hears(address)).toBe(isHeard);
  });

  it('is heard nowhere where nobody is subscribed', () => {
    const { broker } = setUp();

    expect(broker.hears('/topic/a')).toBe(false);
  });
});

describe('a subscription', () => {
  it.each(['/topic/a', '/topic/*', '/user/ada/queue/x', ADDRESS])(
    'to %s is wanted of the other nodes until it is closed',
    (address) => {
      const { broker, way } = setUp(new Map([[ADDRESS, new PatientLog()]]));
      const subscription = opened(broker, address, listener());
      expect(way.wanted).toEqual([address]);

      subscription.close();

      expect([way.wanted, broker.hears(address)]).toEqual([[], false]);
    },
  );

  it.each(['/topic/a', '/topic/*'])('to %s is ready when the relay is', (address) => {
    const { broker, way } = setUp();
    expect(broker.open(address).ready).toBeUndefined();

    way.ready = Promise.resolve();

    expect(broker.open(address).ready).toBe(way.ready);
    expect(broker.open(address).opened).toBeUndefined();
  });

  it('to a queue asks no other node where its store has one node alone', () => {
    const { broker, way } = setUp();
    way.ready = Promise.resolve();

    const following = broker.open('/queue/work');

    expect([following.ready, way.wanted]).toEqual([undefined, []]);
  });

  it('to a queue of several nodes hears what they announce of it, until it is closed', () => {
    const store = new SharedStore();
    const { broker, way } = setUp(new Map(), undefined, store);
    way.ready = Promise.resolve();
    const announce = (text: string): boolean =>
      broker.deliver({ id: '1', ...draft(`${NODE_READY}/queue/work`, text) });

    const following = broker.open('/queue/work');
    expect([following.ready, way.wanted]).toEqual([way.ready, [`${NODE_READY}/queue/work`]]);
    following.start(listener().subscriber);
    announce('"new"');
    announce('"back"');
    announce('what a later version may say');
    broker.missed(() => true, 0);
    following.close();

    expect(store.heardOf).toEqual(['new', 'back', 'new', 'back'].map((ready) => `/queue/work ${ready}`));
    expect([announce('"new"'), way.wanted]).toEqual([false, []]);
  });

  it('that was never started closes too', () => {
    const { broker, way } = setUp();

    for (const address of ['/topic/a', '/topic/*', '/queue/work']) broker.open(address).close();

    expect(way.wanted).toEqual([]);
  });

  it('resumes where there is a log, and nowhere else', async () => {
    const log = new PatientLog();
    log.append();
    const { broker } = setUp(new Map([[ADDRESS, log]]));
    const readers = [new MemoryReader(), new MemoryReader()];

    const followings = [{ since: 'e:0' }, { hint: 'e:0' }].map((since) => broker.open(ADDRESS, since));
    await log.answerAll();
    followings.forEach((following, i) => following.start(readers[i] ?? new MemoryReader()));
    await log.answerAll();

    expect(followings.map(({ ready }) => ready)).toEqual([undefined, undefined]);
    expect(readers.map(({ rows }) => rows)).toEqual([[1], [1]]);
    expect(() => broker.open('/topic/a', { since: 'e:0' })).toThrow(
      expect.objectContaining<Partial<Refusal>>({
        code: 'invalid_header',
        message: 'That destination has no log to resume from; subscribe without since.',
      }),
    );
    expect(() => broker.open('/topic/a', { hint: 'e:0' })).not.toThrow();
  });
});

describe('the door of a topic', () => {
  const ROOM = '/topic/rooms.x';

  it('is asked before a subscription, and told of its beginning and end', () => {
    const { broker, door, way } = setUp();
    const ada = listener('ada');

    const following = broker.open(ROOM);
    expect(door.seen).toEqual([`admit ${ROOM}`]);
    following.start(ada.subscriber);
    broker.publish(draft(ROOM, 'hello'));
    following.close();
    broker.publish(draft(ROOM, 'too late'));

    expect(door.seen).toEqual([`admit ${ROOM}`, `ada joined ${ROOM}`, `ada left ${ROOM}`]);
    expect([ada.got, way.wanted, following.opened]).toEqual([['hello'], [], undefined]);
  });

  it('says when the relay is ready, and isn’t told that somebody left who never came', () => {
    const { broker, door, way } = setUp();
    way.ready = Promise.resolve();

    const following = broker.open(ROOM);
    expect(following.ready).toBe(way.ready);
    following.close();

    expect([door.seen, way.wanted]).toEqual([[`admit ${ROOM}`], []]);
  });

  it('refuses, and then nothing is subscribed', () => {
    const { broker, door, way } = setUp();
    door.refusal = new Error('full');

    expect(() => broker.open(ROOM)).toThrow('full');

    expect([way.wanted, broker.hears(ROOM)]).toEqual([[], false]);
  });

  it('has nothing to say of other topics', () => {
    const { broker, door } = setUp();

    opened(broker, '/topic/a', listener('ada')).close();

    expect(door.seen).toEqual([]);
  });

  it.each([
    ['the door’s', '/topic/rooms.x', '/topic/rooms.*'],
    ['those that an option names', '/topic/secret/x', '/topic/**'],
  ])('has no way past it by patterns: %s', (_, topic, pattern) => {
    const { broker } = setUp(new Map(), (one) => one.startsWith('/topic/secret/'));
    const [past, open] = [listener(), listener()];
    broker.subscribe(pattern, past.subscriber);
    broker.subscribe('/topic/**', open.subscriber);

    broker.publish(draft(topic));
    broker.publish(draft('/topic/open'));

    expect(past.got).toEqual(pattern === '/topic/**' ? ['x'] : []);
    expect(open.got).toEqual(['x']);
  });
});

describe('a topic that is ended', () => {
  const ROOM = '/topic/rooms.x';

  it('is ended for all who are subscribed to it, and not for patterns', () => {
    const { broker, door } = setUp();
    const [ada, bob, other, pattern] = [
      listener('ada'),
      listener('bob'),
      listener('other'),
      listener('pattern'),
    ];
    for (const one of [ada, bob]) opened(broker, ROOM, one);
    opened(broker, '/topic/a', other);
    broker.subscribe('/topic/*', pattern.subscriber);

    broker.publish(draft(ROOM, 'last'));
    broker.end(ROOM);
    broker.publish(draft(ROOM, 'too late'));
    broker.publish(draft('/topic/a', 'goes on'));

    expect([ada.got, bob.got]).toEqual([
      ['last', 'ended'],
      ['last', 'ended'],
    ]);
    expect([other.got, pattern.got]).toEqual([['goes on'], ['goes on']]);
    expect(door.seen.filter((one) => one.includes('left'))).toEqual([`ada left ${ROOM}`, `bob left ${ROOM}`]);
    expect(broker.hears(ROOM)).toBe(false);
  });

  it('has nobody to tell where nobody is there', () => {
    const { broker, door } = setUp();

    broker.end(ROOM);

    expect(door.seen).toEqual([]);
  });

  it('is ended after what was published before it, and only for those who were there', async () => {
    const { broker, clock } = setUp();
    const busy = Array.from({ length: 100 }, (_, i) => {
      const one = listener(`${i}`);
      const { deliver } = one.subscriber;
      opened(broker, ROOM, {
        subscriber: {
          ...one.subscriber,
          deliver: (message) => {
            deliver(message);
            clock.keepBusy(limits.turnMs);
          },
        },
      });
      return one;
    });
    const [leaver, late] = [listener('leaver'), listener('late')];
    const leaving = opened(broker, ROOM, leaver);

    broker.publish(draft(ROOM, 'last'));
    const delivered = broker.delivered(ROOM);
    broker.end(ROOM);
    expect(busy.some(({ got }) => got.includes('ended'))).toBe(false);
    leaving.close();
    opened(broker, ROOM, late);
    for (let i = 0; i < 200; i++) clock.pass(0);
    await delivered;
    await Promise.resolve();
    broker.publish(draft(ROOM, 'next'));

    expect(busy.filter(({ got }) => got.join() === 'last,ended')).toHaveLength(100);
    expect([leaver.got, late.got]).toEqual([[], ['next']]);
  });

  it('goes on for those who came after all of them had left', async () => {
    const { broker, clock } = setUp();
    for (let i = 0; i < 100; i++)
      broker.subscribe(
        '/topic/*',
        listener(`${i}`, { deliver: () => clock.keepBusy(limits.turnMs) }).subscriber,
      );
    const [leaver, late] = [listener('leaver'), listener('late')];
    const leaving = opened(broker, '/topic/a', leaver);

    broker.publish(draft('/topic/a', 'last'));
    const delivered = broker.delivered('/topic/a');
    broker.end('/topic/a');
    leaving.close();
    opened(broker, '/topic/a', late);
    for (let i = 0; i < 200; i++) clock.pass(0);
    await delivered;
    await Promise.resolve();

    expect([leaver.got, broker.hears('/topic/a')]).toEqual([['last'], true]);
  });

  it('is closed without a word where a subscriber has none for it', () => {
    const { broker } = setUp();
    const got: string[] = [];
    const subscriber = {
      deliver: () => void got.push('told'),
      hasCapacity: () => true,
      onCapacity: () => {},
    };
    opened(broker, ROOM, { subscriber });

    broker.end(ROOM);
    broker.publish(draft(ROOM, 'too late'));

    expect(got).toEqual([]);
  });

  it('may be subscribed to anew within the end, and stays', () => {
    const { broker } = setUp();
    const again = listener('again');
    const one = listener('one', { ended: () => void opened(broker, ROOM, again) });
    opened(broker, ROOM, one);

    broker.end(ROOM);
    broker.publish(draft(ROOM, 'hello'));

    expect(again.got).toEqual(['hello']);
  });
});

describe('where messages of other nodes may be missing', () => {
  const SINCE = Date.UTC(2026, 0, 5, 9);

  it('those who asked for it are told, with the moment up to which none was', () => {
    const { broker } = setUp();
    const told: Message[] = [];
    const hearing = (address: string): void =>
      void broker.subscribe(address, {
        ...listener().subscriber,
        hearsGaps: true,
        deliver: (message) => void told.push(message),
      });
    for (const address of ['/topic/a', '/topic/a/*', '/topic/b', '/topic/b/*']) hearing(address);
    const deaf = listener();
    for (const address of ['/topic/a', '/topic/a/*']) broker.subscribe(address, deaf.subscriber);

    broker.missed((address) => address.startsWith('/topic/a'), SINCE);

    expect(told.map(({ address }) => address)).toEqual(['/topic/a', '/topic/a/*']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(told[0]).toMatchObject({
      isControl: true,
      headers: new Map([
        ['content-type', 'application/json'],
        ['event-type', 'gap'],
      ]),
    });
    expect(Buffer.from(told[0]?.body ?? []).toString()).toBe('{"since":"2026-01-05T09:00:00.000Z"}');
    expect(deaf.got).toEqual([]);
  });

  it.each<[string, (broker: Broker) => void]>([
    ['is looked at', (broker) => broker.missed((address) => address === ADDRESS, SINCE)],
    ['is looked at when the others are away', (broker) => broker.away()],
    ['is read up to what another node told', (broker) => broker.news(ADDRESS, { epoch: 'e', seq: 1 })],
  ])('a log that is followed %s', async (_, hear) => {
    const log = new PatientLog();
    const { broker } = setUp(new Map([[ADDRESS, log]]));
    const reader = new MemoryReader();
    const following = broker.open(ADDRESS);
    await log.answerAll();
    await following.opened;
    following.start(reader);
    log.append();
    await log.answerAll();
    expect(reader.rows).toEqual([]);

    hear(broker);
    await log.answerAll();
    await log.answerAll();

    expect(reader.rows).toEqual([1]);
  });
});

it.each([
  ['asked often while the others are away', false],
  ['asked as seldom as before when they are back', true],
])('a log is %s', async (_, areBack) => {
  const log = new PatientLog();
  const { broker, clock } = setUp(new Map([[ADDRESS, log]]));
  const following = broker.open(ADDRESS);
  await log.answerAll();
  following.start(new MemoryReader());

  broker.away();
  if (areBack) broker.up();
  await log.answerAll();
  const before = log.asked.length;
  clock.pass(limits.headsTroubleMs);
  await log.answerAll();

  expect(log.asked.length > before).toBe(!areBack);
});

describe('an address that keeps its messages', () => {
  const KEPT = '/topic/kept';
  const kept = (): Log => ({
    head: async () => ({ epoch: 'e', seq: 0, earliest: 0 }),
    read: async () => [],
    delivered: async () => {},
    renew: async () => ({ epoch: 'e', seq: 0, earliest: 0 }),
    async keep(one, committed) {
      await Promise.resolve();
      committed({ ...one, position: { epoch: 'e', seq: 7 } });
    },
    check({ body }) {
      if (body.length > 3) throw new Error('too long');
    },
  });

  it('stores first and publishes then, as it was stored', async () => {
    const { broker, way } = setUp(new Map([[KEPT, kept()]]));
    expect([broker.keeps(KEPT), broker.keeps('/topic/a')]).toEqual([true, false]);

    const done = broker.keep(draft(KEPT, 'abc'));
    expect(way.published).toEqual([]);
    await done;

    expect([way.published, broker.published]).toEqual([[`${KEPT} abc`], 1]);
  });

  it('is the only one: what goes elsewhere isn’t published', () => {
    const { broker, way } = setUp(
      new Map<string, Log>([
        [KEPT, kept()],
        [ADDRESS, new PatientLog()],
      ]),
    );

    expect([broker.keep(draft('/topic/a')), broker.keep(draft(ADDRESS))]).toEqual([undefined, undefined]);
    expect(way.published).toEqual([]);
  });

  it('refuses before it is asked to store, as a queue does by its name', () => {
    const { broker } = setUp(new Map([[KEPT, kept()]]));

    expect(() => broker.check(draft(KEPT, 'abcd'))).toThrow('too long');
    expect(() => broker.check(draft(`/queue/${'x'.repeat(10_000)}`))).toThrow(
      expect.objectContaining<Partial<Refusal>>({ code: 'invalid_header' }),
    );
    for (const address of [KEPT, '/topic/a', '/queue/work']) broker.check(draft(address, 'abc'));
  });
});
