import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { QueuedMessage } from './queue-store.js';
import type { TableChanges } from './queue-table.js';

const QUEUE = '/queue/work';
const DEAD = '/queue/dlq/work';

/** A table whose pages show what was stored when they were asked for, and come when they are let through. */
class HeldUpTable extends MemoryQueueTable {
  failures = 0;
  /** Commits that are done, and of which nobody hears. */
  unheard = 0;
  #letThrough: () => void = () => {};
  readonly #gate = new Promise<void>((resolve) => (this.#letThrough = resolve));

  override async write(changes: TableChanges): Promise<boolean[]> {
    if (this.failures-- > 0) throw new Error('disk full');
    const arePut = await super.write(changes);
    if (this.unheard-- > 0) throw new Error('cut');
    return arePut;
  }

  override async read(...what: Parameters<MemoryQueueTable['read']>): Promise<QueuedMessage[]> {
    const page = await super.read(...what);
    await this.#gate;
    return page;
  }

  async letThrough<T>(reading: Promise<T>): Promise<T> {
    this.#letThrough();
    return reading;
  }
}

function setUp() {
  const table = new HeldUpTable();
  const store = new ExclusiveQueueStore(table, new FakeClock());
  const nothing = { puts: [], removes: [], counts: [], frees: [] };
  const put = (body: string, mine: boolean) =>
    store.commit({
      ...nothing,
      puts: [{ queue: QUEUE, headers: new Map(), body: Buffer.from(body), deliveries: 0, mine }],
    });
  const bury = (position: number | undefined) =>
    store.commit({
      ...nothing,
      puts: [
        {
          queue: DEAD,
          headers: new Map(),
          body: Buffer.from('letter'),
          deliveries: 0,
          mine: false,
          insteadOf: position ?? 0,
        },
      ],
      removes: [position ?? 0],
    });
  const remove = (...removes: (number | undefined)[]) =>
    store.commit({ ...nothing, removes: removes.flatMap((position) => position ?? []) });
  const claim = async (queue = QUEUE): Promise<string[]> => {
    const page = await table.letThrough(store.claim(queue, 10, 1_000));
    return page.map(({ body }) => Buffer.from(body).toString());
  };
  return { table, store, put, bury, remove, claim };
}

describe('a page that is read while the node settles', () => {
  it('claims nothing that was removed meanwhile, though it shows it', async () => {
    const { table, store, put, remove } = setUp();
    const [position] = await put('mine', true);

    const claiming = store.claim(QUEUE, 10, 1_000);
    await remove(position);

    expect(await table.letThrough(claiming)).toEqual([]);
  });

  it('leaves what was released meanwhile to the next', async () => {
    const { table, store, put, claim } = setUp();
    const [position] = await put('mine', true);
    await put('other', false);

    const claiming = store.claim(QUEUE, 10, 1_000);
    await store.release(QUEUE, [position ?? 0]);

    expect((await table.letThrough(claiming)).map(({ body }) => Buffer.from(body).toString())).toEqual([
      'other',
    ]);
    expect(await claim()).toEqual(['mine']);
  });
});

describe('a batch that fails', () => {
  it('leaves what it was to settle held, and uses up its positions', async () => {
    const { table, put, remove, claim } = setUp();
    const [kept] = await put('kept', true);
    table.failures = 2;
    await expect(put('lost', true)).rejects.toThrow('disk full');
    await expect(remove(kept)).rejects.toThrow('disk full');

    const [next] = await put('next', false);

    expect(next).toBe((kept ?? 0) + 2);
    expect(await claim()).toEqual(['next']);
  });

  it('has what was stored all the same for the next claim, though one has passed it', async () => {
    const { table, store, put, claim } = setUp();
    table.unheard = 1;

    const failing = put('stored', true);
    const claiming = store.claim(QUEUE, 10, 1_000);
    await expect(failing).rejects.toThrow('cut');

    expect(await table.letThrough(claiming)).toEqual([]);
    expect(await claim()).toEqual(['stored']);
  });

  it('has a letter that was stored all the same, once, though a claim has passed its place', async () => {
    const { table, store, put, bury, claim } = setUp();
    const [position] = await put('worn', true);
    table.unheard = 1;
    await expect(bury(position)).rejects.toThrow('cut');
    const [later] = await store.commit({
      ...{ removes: [], counts: [], frees: [] },
      puts: [{ queue: DEAD, headers: new Map(), body: Buffer.from('later'), deliveries: 0, mine: false }],
    });
    await store.release(DEAD, [later ?? 0]);

    expect(await bury(position)).toEqual([undefined]);

    expect(await claim(DEAD)).toEqual(['letter', 'later']);
    expect(await claim(DEAD)).toEqual([]);
  });
});
