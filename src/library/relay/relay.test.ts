import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Broker } from '../broker/broker.js';
import type { LogMessage } from '../broker/log.js';
import type { Audience, Message } from '../broker/message.js';
import { NodeMessages } from '../broker/node-messages.js';
import { limits } from '../limits.js';
import { BrokerNode } from '../session/broker-node.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryReader } from '../testing/memory-reader.js';
import { MemoryNode } from '../testing/memory-node.js';
import { ADDRESS, PatientLog } from '../testing/patient-log.js';
import { RelayChannels } from './channels.js';
import type { Letters } from './letters.js';
import { Envelopes } from './envelope.js';
import type { Line, LineEvents } from './line.js';
import { MemoryHub, type MemoryLine } from './memory-line.js';
import { LineRelay, type RelayOptions } from './relay.js';

/** Nodes of one process, over lines of a hub; the clock of each stands still. */
class Cluster {
  readonly hub = new MemoryHub();
  readonly nodes: Node[] = [];

  async node(options: NodeOptions = {}): Promise<Node> {
    const node = new Node(this.hub, `node-${this.nodes.length}`, options);
    this.nodes.push(node);
    await node.open();
    return node;
  }

  /** What was collected leaves, and arrives. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      this.nodes.forEach(({ clock }) => clock.pass(0));
      await eventLoop();
    }
  }
}

interface NodeOptions extends Partial<RelayOptions> {
  readonly log?: PatientLog;
  readonly largest?: number;
  readonly outboxBytes?: number;
}

class Node {
  readonly clock = new FakeClock();
  readonly line: MemoryLine;
  readonly relay: LineRelay;
  readonly broker: Broker;
  readonly faults: unknown[] = [];
  readonly #node: BrokerNode;

  constructor(hub: MemoryHub, id: string, { log, largest, outboxBytes, ...options }: NodeOptions) {
    const own = { ...limits, relayOutboxBytes: outboxBytes ?? limits.relayOutboxBytes };
    this.line = hub.line(own, largest);
    const report = (error: unknown): void => void this.faults.push(error);
    this.relay = new LineRelay({ line: this.line, ...options }, { clock: this.clock, limits: own, report });
    const { clock, relay } = this;
    const logOf = (address: string): PatientLog | undefined => (address === ADDRESS ? log : undefined);
    this.#node = new BrokerNode({ clock, report, id, relay, logOf, limits: own });
    this.broker = this.#node.broker;
  }

  async open(): Promise<void> {
    await this.#node.open();
  }

  publish(address: string, body: string, more: { audience?: Audience } = {}): Message {
    return this.broker.publish({ address, headers: new Map(), body: Buffer.from(body), ...more });
  }

  listen(address: string, options: { sessionId?: string; hearsGaps?: boolean } = {}): Message[] {
    const heard: Message[] = [];
    this.broker.subscribe(address, {
      ...options,
      deliver: (message) => heard.push(message),
      hasCapacity: () => true,
      onCapacity: () => {},
    });
    return heard;
  }
}

describe('brokers with a relay between them', () => {
  it.each(['/topic/rooms.7', '/topic/rooms.*', '/topic/**', '/topic/*.7'])(
    'hear at %s what the other publishes, with the id that it got there',
    async (subscribed) => {
      const { cluster, here, there } = await two();
      const heard = there.listen(subscribed);
      await cluster.settle();

      const sent = here.publish('/topic/rooms.7', 'hello');
      await cluster.settle();

      expect(heard).toEqual([sent]);
    },
  );

  it('hear it once, in order, and send nothing of it on', async () => {
    const { cluster, here, there } = await two();
    const [heardHere, heardThere] = [here.listen('/topic/x'), there.listen('/topic/x')];
    await cluster.settle();

    here.publish('/topic/x', '1');
    here.publish('/topic/x', '2');
    await cluster.settle();
    there.publish('/topic/x', '3');
    await cluster.settle();

    expect(heardHere.map(textOf)).toEqual(['1', '2', '3']);
    expect(heardThere.map(textOf)).toEqual(['1', '2', '3']);
    expect([here, there].map(({ relay }) => relay.stats.messages.of('sent topic'))).toEqual([2, 1]);
  });

  it('send together what was published in one turn of the event loop', async () => {
    const { cluster, here, there } = await two();
    there.listen('/topic/x');
    await cluster.settle();
    const payloads = countPayloads(here.line);

    for (let i = 0; i < 100; i++) here.publish('/topic/x', `${i}`);
    await cluster.settle();

    expect(payloads()).toBe(1);
    expect(there.relay.stats.messages.of('heard topic')).toBe(100);
  });

  it('send no payload that is larger than the line takes', async () => {
    const { cluster, here, there } = await two({ largest: 500 });
    const heard = there.listen('/topic/x');
    await cluster.settle();

    for (let i = 0; i < 50; i++) here.publish('/topic/x', `${i} ${'x'.repeat(i * 4)}`);
    await cluster.settle();

    expect(heard).toHaveLength(50);
    expect(here.relay.stats.dropped.of('too_large')).toBe(0);
  });

  it('keep the audience of a message', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x', { sessionId: 'ada' });
    await cluster.settle();

    here.publish('/topic/x', 'not for ada', { audience: { except: 'ada' } });
    here.publish('/topic/x', 'for ada', { audience: { only: 'ada' } });
    await cluster.settle();

    expect(heard.map(textOf)).toEqual(['for ada']);
  });

  it('send nowhere what is for one session that is here', async () => {
    const { cluster, here, there } = await two();
    here.listen('/topic/x', { sessionId: 'ada' });
    there.listen('/topic/x');
    await cluster.settle();

    here.publish('/topic/x', 'for ada', { audience: { only: 'ada' } });
    await cluster.settle();

    expect(here.relay.stats.messages.of('sent topic')).toBe(0);
  });

  it('bring an answer to the session whose reply-to it names', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/reply-queue/012345678901234567890123');
    await cluster.settle();

    here.publish('/reply-queue/012345678901234567890123', 'answer');
    await cluster.settle();

    expect(heard.map(textOf)).toEqual(['answer']);
  });

  it('count what nobody of theirs is subscribed to', async () => {
    const { cluster, here, there } = await two({ userChannels: 1 });
    there.listen('/user/ada/queue/x');
    await cluster.settle();

    here.publish('/user/bob/queue/x', 'for bob');
    here.publish('/user/ada/queue/x', 'for ada');
    await cluster.settle();

    expect(there.relay.stats.foreign).toBe(1);
  });

  it('drop and count what is no message, or of another version, tell of each once a minute, and go on', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x');
    await cluster.settle();
    const channel = channelOf('/topic/x');

    for (let i = 0; i < 5; i++) here.line.send(channel, Buffer.from('nonsense'));
    for (let i = 0; i < 5; i++) here.line.send(channel, Buffer.from('MESSAGE\nc-v:2\nc-of-tomorrow:x\n\n\0'));
    here.publish('/topic/x', 'hello');
    await cluster.settle();

    expect(heard.map(textOf)).toEqual(['hello']);
    expect(there.relay.stats.dropped.of('poison')).toBe(5);
    expect(there.relay.stats.dropped.of('version')).toBe(5);
    expect(there.faults.map(String)).toEqual([
      expect.stringContaining('no messages'),
      expect.stringContaining('a version'),
    ]);
  });

  it('take no message twice', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x');
    await cluster.settle();
    const payloads: Uint8Array[] = [];
    const send = here.line.send.bind(here.line);
    here.line.send = (channel, payload) => {
      payloads.push(payload);
      return send(channel, payload);
    };

    here.publish('/topic/x', '1');
    await cluster.settle();
    payloads.forEach((payload) => send(channelOf('/topic/x'), payload));
    await cluster.settle();

    expect(heard.map(textOf)).toEqual(['1']);
    expect(there.relay.stats.dropped.of('duplicate')).toBe(1);
  });
});

describe('interest in an address', () => {
  it('outlives its last subscription by a while, so that a client that comes back changes nothing', async () => {
    const { cluster, here } = await two();
    const subscription = here.broker.open('/topic/x');
    subscription.start(new MemoryReader());
    await cluster.settle();
    const left = watchUnlisten(here.line);

    subscription.close();
    here.clock.pass(limits.relayIdleMs - 1);
    here.broker.open('/topic/x').close();
    here.clock.pass(limits.relayIdleMs - 1);
    expect(left).toEqual([]);

    here.clock.pass(1);
    expect(left).toEqual([channelOf('/topic/x')]);
    expect(here.relay.stats.channels).toBe(0);
  });

  it('is dropped once, however often a subscription is closed', async () => {
    const { cluster, here } = await two();
    const [one, other] = [here.broker.open('/topic/x'), here.broker.open('/topic/x')];
    await cluster.settle();
    const left = watchUnlisten(here.line);

    one.close();
    one.close();
    here.clock.pass(limits.relayIdleMs);
    expect(left).toEqual([]);

    other.close();
    here.clock.pass(limits.relayIdleMs);
    expect(left).toHaveLength(1);
  });

  it('asks the engine for the channels of a pattern together', async () => {
    const { here } = await two();
    const asked = watchListen(here.line);

    await here.broker.open('/topic/rooms.*').ready;
    await here.broker.open('/topic/rooms.7').ready;

    expect(asked.map((channels) => channels.length)).toEqual([64]);
  });

  it('makes the RECEIPT of SUBSCRIBE wait for the engine, and no other frame', async () => {
    const hub = new MemoryHub();
    const line = hub.line(limits);
    const node = await new MemoryNode({ relay: { line } }).open();
    const confirm = delayListen(line);
    const client = await node.connected();

    client.frame('SUBSCRIBE', { destination: '/topic/x', id: '1', receipt: 'subscribed' });
    client.frame('SEND', { destination: '/topic/x' }, 'hello');
    await eventLoop();
    expect(client.frames.map(({ command }) => command)).toEqual(['MESSAGE']);

    confirm();
    await client.next();
    expect((await client.next()).headers.get('receipt-id')).toBe('subscribed');
  });

  it('makes a log be asked for its head after the engine has confirmed', async () => {
    const log = new PatientLog();
    const cluster = new Cluster();
    const node = await cluster.node({ log });
    const confirm = delayListen(node.line);

    const following = node.broker.open(ADDRESS);
    await eventLoop();
    expect(log.asked).toEqual([]);

    confirm();
    await eventLoop();
    expect(log.asked).toEqual(['head']);
    await log.answerAll();
    await following.opened;
  });
});

describe('what was lost on the way', () => {
  it('is told to those who asked for it, before the next message', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x', { hearsGaps: true });
    const unaware = there.listen('/topic/x');
    const pattern = there.listen('/topic/**', { hearsGaps: true });
    const others = there.listen('/topic/y', { hearsGaps: true });
    await cluster.settle();
    here.publish('/topic/x', '1');
    await cluster.settle();

    there.line.lose(1);
    here.publish('/topic/x', '2');
    await cluster.settle();
    here.publish('/topic/x', '3');
    await cluster.settle();

    const since = new Date(there.clock.now()).toISOString();
    expect(heard.map(textOf)).toEqual(['1', JSON.stringify({ since }), '3']);
    expect(heard[1]?.headers.get('event-type')).toBe('gap');
    expect(heard[1]?.isControl).toBe(true);
    expect(unaware.map(textOf)).toEqual(['1', '3']);
    expect(pattern.map(textOf)).toEqual(heard.map(textOf));
    expect(others).toEqual([]);
    expect(there.relay.stats.gaps).toBe(1);
  });

  it('while the relay was away is told of when it is up again, with since when', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();
    const since = new Date(there.clock.now()).toISOString();

    there.line.cut();
    here.publish('/topic/x', 'lost');
    there.publish('/topic/x', 'here only');
    await cluster.settle();
    there.clock.pass(5_000);
    there.line.mend();
    here.publish('/topic/x', 'after');
    await cluster.settle();

    expect(heard.map(textOf)).toEqual(['here only', JSON.stringify({ since }), 'after']);
    expect(there.relay.stats.dropped.of('away')).toBe(1);
    expect(there.relay.stats.reconnects).toBe(1);
  });

  it('is told before the first message of a line that hears before it is up', async () => {
    const clock = new FakeClock();
    let events: LineEvents | undefined;
    const line: Line = {
      largest: 10_000,
      open: async (given) => void (events = given),
      listen: async () => {},
      unlisten: () => {},
      send: () => false,
      unsentBytes: () => 0,
      onDrain: (callback) => callback(),
      close: async () => {},
    };
    const relay = new LineRelay({ line }, { clock, limits, report: () => undefined });
    const node = new BrokerNode({ clock, report: () => undefined, id: 'here', relay, limits });
    await node.open();
    const other = new Envelopes('other');
    const hears = (seq: number): void =>
      events?.heard(
        channelOf('/topic/x'),
        other.encode(
          { id: `${seq}`, address: '/topic/x', headers: new Map(), body: Buffer.from(`${seq}`) },
          { kind: 'whole' },
          { seq, at: clock.now() },
        ),
      );
    const heard: string[] = [];
    node.broker.subscribe('/topic/x', {
      hearsGaps: true,
      deliver: (message) => heard.push(message.headers.get('event-type') ?? textOf(message)),
      hasCapacity: () => true,
      onCapacity: () => {},
    });

    events?.up();
    hears(1);
    events?.away(new Error('cut'));
    hears(5);
    hears(6);
    events?.away(new Error('cut again'));
    hears(9);
    events?.up();
    hears(10);

    expect(heard).toEqual(['1', 'gap', '5', '6', 'gap', '9', 'gap', '10']);
  });

  it('because a node was away that is back is told on the nodes that were not', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x', { hearsGaps: true });
    const others = there.listen('/topic/y', { hearsGaps: true });
    await cluster.settle();

    here.line.cut();
    here.publish('/topic/x', 'lost');
    here.line.mend();
    await cluster.settle();

    expect(heard.map(({ headers }) => headers.get('event-type'))).toEqual(['gap']);
    expect(others).toEqual([]);
  });

  it('is told of what was on its way when a line broke to who had heard nothing of its node before', async () => {
    const { cluster, here, there } = await two();
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();

    here.line.stall();
    here.publish('/topic/x', 'on its way');
    await cluster.settle();
    here.line.cut();
    here.line.flow();
    here.line.mend();
    here.publish('/topic/x', 'after');
    await cluster.settle();

    expect(heard.map((message) => message.headers.get('event-type') ?? textOf(message))).toEqual([
      'gap',
      'after',
    ]);
    const { since } = JSON.parse(textOf(heard[0])) as { since: string };
    expect(Date.parse(since)).toBeLessThanOrEqual(here.clock.now());
  });

  it('is told before the next message where a node dropped what it had no room for', async () => {
    const cluster = new Cluster();
    const [here, there] = [await cluster.node({ outboxBytes: 1_000 }), await cluster.node()];
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();

    here.line.stall();
    here.publish('/topic/y', 'x'.repeat(2_000));
    await cluster.settle();
    here.publish('/topic/x', 'no room');
    here.line.flow();
    await cluster.settle();
    here.publish('/topic/x', 'after');
    await cluster.settle();

    expect(heard.map((message) => message.headers.get('event-type') ?? textOf(message))).toEqual([
      'gap',
      'after',
    ]);
  });

  it('makes readers of logs look, and of those addresses only', async () => {
    const log = new PatientLog();
    const cluster = new Cluster();
    const [here, there] = [await cluster.node(), await cluster.node({ log })];
    const reader = await follow(there, log);
    here.broker.publish(rowOf(log.append()));
    await cluster.settle();

    there.line.lose(1);
    here.broker.publish(rowOf(log.append()));
    await cluster.settle();
    expect(reader.rows).toEqual([1]);

    here.line.cut();
    here.broker.publish(rowOf(log.append()));
    here.line.mend();
    await answered(cluster, log);

    expect(reader.rows).toEqual([1, 2, 3]);
    expect(there.broker.feeds.foundByLook).toBe(1);
  });
});

describe('a line that takes less than is published', () => {
  it('makes publishers wait until there is room, or for a second', async () => {
    const { cluster, here } = await two({ outboxBytes: 10_000 });
    expect(here.broker.room()).toBeUndefined();
    here.line.stall();
    here.publish('/topic/x', 'x'.repeat(5_000));
    await cluster.settle();

    let waits = true;
    const room = here.broker.room()?.then(() => {
      waits = false;
    });
    await eventLoop();
    expect(waits).toBe(true);

    here.line.flow();
    await room;
    expect(here.broker.room()).toBeUndefined();
  });

  it('drops what is too much, counts it, and says so to the others', async () => {
    const { cluster, here, there } = await two({ outboxBytes: 10_000 });
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();
    here.publish('/topic/x', 'first');
    await cluster.settle();

    here.line.stall();
    for (let i = 0; i < 30; i++) {
      here.publish('/topic/x', 'x'.repeat(1_000));
      await cluster.settle();
    }
    here.line.flow();
    here.publish('/topic/x', 'last');
    await cluster.settle();

    expect(here.relay.stats.dropped.of('full')).toBeGreaterThan(0);
    expect(heard.filter(({ isControl }) => isControl)).toHaveLength(1);
    expect(textOf(heard.at(-1))).toBe('last');
  });
});

describe('a message that is too large for the line', () => {
  it('waits as a letter, and what follows on its channel comes after it', async () => {
    const letters = new MemoryLetters();
    const { cluster, here, there } = await two({ largest: 500, letters });
    const heard = there.listen('/topic/x');
    const others = there.listen('/topic/y');
    await cluster.settle();

    here.publish('/topic/x', 'small');
    here.publish('/topic/x', 'large'.repeat(200));
    here.publish('/topic/x', 'small again');
    here.publish('/topic/y', 'other');
    await cluster.settle();
    expect(heard.map(textOf)).toEqual(['small']);
    expect(others.map(textOf)).toEqual(['other']);

    await letters.answerAll(cluster);
    expect(heard.map(textOf)).toEqual(['small', 'large'.repeat(200), 'small again']);
  });

  it('is lost where there is nowhere to leave it, and told as lost', async () => {
    const { cluster, here, there } = await two({ largest: 500 });
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();

    here.publish('/topic/x', '1');
    here.publish('/topic/x', 'large'.repeat(200));
    here.publish('/topic/x', '2');
    await cluster.settle();

    expect(heard.map(({ isControl }) => isControl ?? false)).toEqual([false, true, false]);
    expect(here.relay.stats.dropped.of('too_large')).toBe(1);
  });

  it('is told as lost when its letter can be neither written nor read', async () => {
    const letters = new MemoryLetters();
    const { cluster, here, there } = await two({ largest: 500, letters });
    const heard = there.listen('/topic/x', { hearsGaps: true });
    await cluster.settle();
    here.publish('/topic/x', '1');
    await cluster.settle();

    letters.forgets = true;
    here.publish('/topic/x', 'large'.repeat(200));
    here.publish('/topic/x', '2');
    await letters.answerAll(cluster);
    letters.isAway = true;
    here.publish('/topic/x', 'large'.repeat(200));
    here.publish('/topic/x', '3');
    await letters.answerAll(cluster);

    expect(heard.map((one) => (one.isControl ? 'gap' : textOf(one)))).toEqual(['1', 'gap', '2', 'gap', '3']);
  });

  it('of a user’s log crosses as news, and is read there', async () => {
    const log = new PatientLog();
    const cluster = new Cluster();
    const [here, there] = [await cluster.node({ largest: 500 }), await cluster.node({ log })];
    const reader = await follow(there, log);

    here.broker.publish({ ...rowOf(log.append()), headers: new Map([['x', 'x'.repeat(1_000)]]) });
    await answered(cluster, log);

    expect(reader.rows).toEqual([1]);
    expect(here.relay.stats.dropped.of('too_large')).toBe(0);
  });

  it('or not: with the content `news` no text of a user’s log is on the line', async () => {
    const log = new PatientLog();
    const cluster = new Cluster();
    const [here, there] = [await cluster.node({ content: 'news' }), await cluster.node({ log })];
    const reader = await follow(there, log);
    const sent: string[] = [];
    const send = here.line.send.bind(here.line);
    here.line.send = (channel, payload) => {
      sent.push(Buffer.from(payload).toString());
      return send(channel, payload);
    };

    here.broker.publish({ ...rowOf(log.append()), headers: new Map([['subject', 'secret']]) });
    await answered(cluster, log);

    expect(reader.rows).toEqual([1]);
    expect(sent).toHaveLength(1);
    expect(sent.join('')).not.toContain('secret');
  });
});

describe('what nodes tell each other', () => {
  it('reaches the others and not the one who tells it', async () => {
    const { cluster, here, there } = await two();
    const [messagesHere, messagesThere] = [new NodeMessages(here.broker), new NodeMessages(there.broker)];
    const heard: unknown[] = [];
    messagesHere.listen('logins.ended', (content) => heard.push(['here', content]));
    const listening = messagesThere.listen('logins.ended', (content) => heard.push(['there', content]));
    await cluster.settle();

    messagesHere.tell('logins.ended', { ids: [7] });
    await cluster.settle();
    listening.close();
    messagesHere.tell('logins.ended', { ids: [8] });
    await cluster.settle();

    expect(heard).toEqual([['there', { ids: [7] }]]);
  });

  it('tells when some of it may be lost', async () => {
    const { cluster, there } = await two();
    let missed = 0;
    new NodeMessages(there.broker).listen(
      'logins.ended',
      () => {},
      () => missed++,
    );
    await cluster.settle();

    there.line.cut();
    there.line.mend();

    expect(missed).toBe(1);
  });

  it.each(['SEND', 'SUBSCRIBE'])('is no destination of a client’s %s', async (command) => {
    const node = await new MemoryNode({ relay: { line: new MemoryHub().line(limits) } }).open();
    const client = await node.connected();

    client.frame(command, { destination: '/node/logins.ended', id: '1' });

    expect((await client.next()).headers.get('code')).toBe('unknown_destination');
  });
});

describe('readers of one log on two nodes', () => {
  it('miss no row and get none twice, however commits and messages of both interleave', async () => {
    const step = fc.constantFrom('commit here', 'commit there', 'hold', 'release', 'lose', 'cut', 'settle');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const log = new PatientLog();
        const cluster = new Cluster();
        const [here, there] = [await cluster.node({ log }), await cluster.node({ log })];
        const readers = [await follow(here, log), await follow(there, log)];
        for (const one of steps) {
          if (one === 'commit here') here.broker.publish(rowOf(log.append()));
          if (one === 'commit there') there.broker.publish(rowOf(log.append()));
          if (one === 'hold') there.line.hold();
          if (one === 'release') there.line.release();
          if (one === 'lose') there.line.lose(1);
          if (one === 'cut') {
            here.line.cut();
            here.line.mend();
          }
          if (one === 'settle') await answered(cluster, log);
        }
        there.line.release();
        // What was lost without a word is found by the look that comes every half minute.
        for (let i = 0; i < 3; i++) {
          await answered(cluster, log);
          cluster.nodes.forEach(({ clock }) => clock.pass(limits.headsEveryMs));
        }
        await answered(cluster, log);

        const all = log.rows.map(({ position }) => position.seq);
        expect(readers.map(({ rows }) => rows)).toEqual([all, all]);
      }),
      { numRuns: 60 },
    );
  });
});

async function two(options: NodeOptions = {}): Promise<{ cluster: Cluster; here: Node; there: Node }> {
  const cluster = new Cluster();
  const here = await cluster.node(options);
  return { cluster, here, there: await cluster.node(options) };
}

async function follow(node: Node, log: PatientLog): Promise<MemoryReader> {
  const reader = new MemoryReader();
  const following = node.broker.open(ADDRESS);
  await eventLoop();
  await log.answerAll();
  await following.opened;
  following.start(reader);
  return reader;
}

async function answered(cluster: Cluster, log: PatientLog): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await cluster.settle();
    await log.answerAll();
  }
}

function rowOf({ address, headers, body, position }: LogMessage): Omit<LogMessage, 'id'> {
  return { address, headers, body, position };
}

/** Letters that arrive when the test lets them. */
class MemoryLetters implements Letters {
  isAway = false;
  forgets = false;
  readonly #kept = new Map<string, Uint8Array>();
  readonly #questions: (() => void)[] = [];

  async put(payload: Uint8Array): Promise<string> {
    await this.#turn();
    if (this.isAway) throw new Error('The database is away');
    const id = `letter-${this.#kept.size}`;
    this.#kept.set(id, payload);
    return id;
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    await this.#turn();
    return this.forgets ? undefined : this.#kept.get(id);
  }

  async answerAll(cluster: Cluster): Promise<void> {
    for (let i = 0; i < 4; i++) {
      await cluster.settle();
      this.#questions.splice(0).forEach((answer) => answer());
    }
    await cluster.settle();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#questions.push(resolve));
  }
}

function channelOf(address: string): string {
  return new RelayChannels({ prefix: 'carillon', userChannels: 1_024 }).of(address) ?? '';
}

function countPayloads(line: MemoryLine): () => number {
  let count = 0;
  const send = line.send.bind(line);
  line.send = (channel, payload) => {
    count++;
    return send(channel, payload);
  };
  return () => count;
}

function watchUnlisten(line: MemoryLine): string[] {
  const left: string[] = [];
  line.unlisten = (names) => void left.push(...names);
  return left;
}

function watchListen(line: MemoryLine): (readonly string[])[] {
  const asked: (readonly string[])[] = [];
  const listen = line.listen.bind(line);
  line.listen = (names) => {
    asked.push(names);
    return listen(names);
  };
  return asked;
}

/** The engine confirms nothing until the test lets it. */
function delayListen(line: MemoryLine): () => void {
  let confirm = (): void => {};
  const listen = line.listen.bind(line);
  const confirmed = new Promise<void>((resolve) => {
    confirm = resolve;
  });
  line.listen = async (names) => {
    await confirmed;
    await listen(names);
  };
  return () => confirm();
}

function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf(message: Message | undefined): string {
  return Buffer.from(message?.body ?? []).toString();
}
