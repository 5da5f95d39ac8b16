import { beforeEach, describe, expect, it } from 'vitest';
import { NodeMessages } from '../broker/node-messages.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryNode } from '../testing/memory-node.js';
import { HeadCounts } from './head-counts.js';

const limits = { nodeBeatMs: 1_000, nodeDeadMs: 3_000 };

/** Nodes of one cluster, with one clock; what a node tells is heard by those that are joined. */
class Cluster {
  readonly clock = new FakeClock();
  readonly told: string[] = [];
  readonly #joined = new Set<NodeMessages>();
  readonly #brokers = new Map<NodeMessages, MemoryNode['broker']>();

  node(): { counts: HeadCounts; join: () => void; leave: () => void } {
    const { broker } = new MemoryNode();
    const messages: NodeMessages = new NodeMessages({
      nextId: () => broker.nextId(),
      subscribe: (address, subscriber) => broker.subscribe(address, subscriber),
      tellOthers: (message) => {
        if (!this.#joined.has(messages)) return;
        this.told.push(Buffer.from(message.body).toString());
        for (const other of this.#joined) if (other !== messages) this.#brokers.get(other)?.deliver(message);
      },
    });
    this.#brokers.set(messages, broker);
    this.#joined.add(messages);
    const counts = new HeadCounts(messages, this.clock, limits);
    counts.open();
    return { counts, join: () => this.#joined.add(messages), leave: () => this.#joined.delete(messages) };
  }
}

let cluster: Cluster;
beforeEach(() => {
  cluster = new Cluster();
});

describe('what nodes tell each other of who is there', () => {
  it('is told together, once in 100 ms', () => {
    const [one, two] = [cluster.node(), cluster.node()];
    cluster.told.length = 0;

    for (let count = 1; count <= 1_000; count++) one.counts.set('/topic/rooms.a', count);
    one.counts.set('/topic/rooms.b', 1);
    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(0);
    cluster.clock.pass(100);

    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(1_000);
    expect(two.counts.elsewhere('/topic/rooms.b')).toBe(1);
    expect(cluster.told).toHaveLength(1);
  });

  it('is forgotten of a node that is silent, and asked for when that is heard again', () => {
    const [one, two] = [cluster.node(), cluster.node()];
    one.counts.set('/topic/rooms.a', 2);
    cluster.clock.pass(100);

    one.leave();
    one.counts.set('/topic/rooms.a', 3);
    cluster.clock.pass(2_900);
    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(2);
    cluster.clock.pass(1_100);
    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(0);

    one.join();
    cluster.clock.pass(1_000);
    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(3);
  });

  it('is kept of a node that only says that it lives', () => {
    const [one, two] = [cluster.node(), cluster.node()];
    one.counts.set('/topic/rooms.a', 2);

    cluster.clock.pass(60_000);

    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(2);
  });

  it('is nothing any more of a node that goes', () => {
    const [one, two] = [cluster.node(), cluster.node()];
    one.counts.set('/topic/rooms.a', 2);
    cluster.clock.pass(100);

    one.counts.onModuleDestroy();

    expect(two.counts.elsewhere('/topic/rooms.a')).toBe(0);
  });

  it('is passed over where it is not a word of it', () => {
    const { broker } = new MemoryNode();
    const messages = new NodeMessages(broker);
    const counts = new HeadCounts(messages, new FakeClock(), limits);
    counts.open();

    for (const word of [null, 7, {}, { node: 1 }, { node: 'x', counts: { a: 'b' } }, { node: 'x', ask: 1 }])
      broker.deliver({
        id: '1',
        address: '/node/rooms',
        headers: new Map(),
        body: Buffer.from(JSON.stringify(word)),
      });

    expect(counts.elsewhere('a')).toBe(0);
  });
});
