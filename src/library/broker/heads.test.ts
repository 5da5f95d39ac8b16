import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Feeds } from './feeds.js';
import type { Log, LogHead, LogMessage } from './log.js';
import type { Message } from './message.js';

/** A log of several addresses in which rows appear without a word. */
class QuietLog implements Log {
  readonly rows = new Map<string, number>();
  /** The addresses of each question for heads. */
  readonly asked: (readonly string[])[] = [];
  isAway = false;
  doubt = (): void => {};

  async head(address: string): Promise<LogHead> {
    return { epoch: 'e', seq: this.rows.get(address) ?? 0, earliest: 0 };
  }

  async heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
    this.asked.push(addresses);
    if (this.isAway) throw new Error('The database is away');
    return new Map(await Promise.all(addresses.map(async (one) => [one, await this.head(one)] as const)));
  }

  onDoubt(listener: () => void): void {
    this.doubt = listener;
  }

  async read(address: string, after: number, limit: number): Promise<LogMessage[]> {
    const seqs = Array.from({ length: this.rows.get(address) ?? 0 }, (_, i) => i + 1);
    return seqs.slice(after, after + limit).map((seq) => ({
      id: `${seq}`,
      position: { epoch: 'e', seq },
      address,
      headers: new Map(),
      body: Buffer.from(`${seq}`),
    }));
  }

  async delivered(): Promise<void> {}

  renew(address: string): Promise<LogHead> {
    return this.head(address);
  }
}

class Followed {
  readonly clock = new FakeClock();
  readonly log = new QuietLog();
  readonly faults: unknown[] = [];
  readonly #feeds: Feeds;

  constructor(headsAtOnce = limits.headsAtOnce) {
    const bounds = { ...limits, headsAtOnce };
    this.#feeds = new Feeds(
      () => this.log,
      this.clock,
      bounds,
      (error) => this.faults.push(error),
    );
  }

  /** @returns the numbers that a reader has got, and how it leaves */
  async follow(address: string) {
    const got: string[] = [];
    const following = this.#feeds.follow(address, undefined);
    await following.opened;
    following.start({
      deliver: ({ body }: Message) => void got.push(Buffer.from(body).toString()),
      hasCapacity: () => true,
      onCapacity: () => {},
    });
    return { got, close: () => following.close() };
  }

  async pass(ms: number): Promise<void> {
    this.clock.pass(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ADA = '/user/ada/queue/notifications';

describe('the heads of followed logs', () => {
  it('are looked at every 30 s, all in one question, and what is behind them is read', async () => {
    const node = new Followed();
    const [ada, bob] = [await node.follow(ADA), await node.follow('/user/bob/queue/notifications')];
    node.log.rows.set(ADA, 2);

    await node.pass(29_999);
    expect([node.log.asked, ada.got]).toEqual([[], []]);
    await node.pass(1);

    expect([node.log.asked.length, ada.got, bob.got]).toEqual([1, ['1', '2'], []]);
    await node.pass(30_000);
    expect([node.log.asked.length, ada.got]).toEqual([2, ['1', '2']]);
  });

  it('are asked for so many at once, the rest in questions after a pause', async () => {
    const node = new Followed(2);
    for (const name of ['a', 'b', 'c']) await node.follow(`/user/${name}/queue/notifications`);

    await node.pass(30_000);
    expect(node.log.asked.map((addresses) => addresses.length)).toEqual([2]);
    await node.pass(100);

    expect(node.log.asked.map((addresses) => addresses.length)).toEqual([2, 1]);
  });

  it('are looked at every 2 s while that fails, which is told once', async () => {
    const node = new Followed();
    const ada = await node.follow(ADA);
    node.log.isAway = true;
    node.log.rows.set(ADA, 1);

    await node.pass(30_000);
    await node.pass(2_000);
    expect([node.log.asked.length, node.faults.length]).toEqual([2, 1]);
    node.log.isAway = false;
    await node.pass(2_000);

    expect([ada.got, node.faults.length]).toEqual([['1'], 1]);
    await node.pass(29_999);
    expect(node.log.asked.length).toBe(3);
  });

  it('are looked at at once after a commit whose answer was lost, and every 2 s until it must be known', async () => {
    const node = new Followed();
    const ada = await node.follow(ADA);

    node.log.doubt();
    await node.pass(0);
    expect([node.log.asked.length, ada.got]).toEqual([1, []]);
    node.log.rows.set(ADA, 1);
    await node.pass(2_000);
    expect(ada.got).toEqual(['1']);

    for (let i = 0; i < 10; i++) await node.pass(2_000);
    expect(node.log.asked.length).toBe(9);
  });

  it('are not looked at once nobody follows them', async () => {
    const node = new Followed();
    const ada = await node.follow(ADA);
    ada.close();

    expect(node.clock.pending).toBe(0);
    node.log.doubt();
    await node.pass(60_000);
    expect([node.log.asked, node.clock.pending]).toEqual([[], 0]);
  });
});
