import { beforeEach, expect, it } from 'vitest';
import { FakeStore } from '../offline/fake-store.js';
import type { OfflineStores } from '../offline/offline-store.js';
import { KeptPeople, type SharedLocks } from './kept-people.js';

let stores: FakeStores;
let locks: FakeLocks;
let staying: string[];

beforeEach(() => {
  stores = new FakeStores();
  locks = new FakeLocks();
  staying = [];
});

const tab = (ofBrowser: SharedLocks | undefined = locks) =>
  new KeptPeople({ stores, locks: ofBrowser, lockName: 'kept', staying: () => staying });

it('keeps what is of people in open tabs, and of those who stay', async () => {
  const [first, second] = [tab(), tab()];
  await first.enter('ada').set('inbox', 1);
  await second.enter('bob').set('inbox', 2);
  await stores.of('cyd').set('inbox', 3);
  await stores.of('dan').set('inbox', 4);
  staying = ['cyd'];

  await first.sweep();

  expect(await stores.owners()).toEqual(['ada', 'bob', 'cyd']);
});

it('keeps nothing of who has left the last of their tabs', async () => {
  const [first, second] = [tab(), tab()];
  await first.enter('ada').set('inbox', 1);
  second.enter('ada');

  await first.leave('ada');
  expect(await stores.owners()).toEqual(['ada']);
  await second.leave('ada');

  expect(await stores.owners()).toEqual([]);
});

it('forgets who has signed out at once, whoever has a tab of theirs still', async () => {
  const [first, second] = [tab(), tab()];
  await first.enter('ada').set('inbox', 1);
  second.enter('ada');

  await first.forget('ada');

  expect(await stores.owners()).toEqual([]);
});

it('without locks keeps nothing but its own people’s, and of those who stay', async () => {
  const alone = new KeptPeople({ stores, locks: undefined, lockName: 'kept', staying: () => ['cyd'] });
  for (const person of ['bob', 'cyd']) await stores.of(person).set('inbox', 1);
  await alone.enter('ada').set('inbox', 1);

  await alone.sweep();

  expect((await stores.owners()).toSorted()).toEqual(['ada', 'cyd']);
});

it('does nothing where nothing can be kept', async () => {
  const people = tab();
  stores.state = 'forbidden';

  await people
    .enter('ada')
    .set('inbox', 1)
    .catch(() => undefined);
  await people.sweep();
  await people.leave('ada');

  await expect(people.forget('ada')).resolves.toBeUndefined();
});

class FakeStores implements OfflineStores {
  readonly #stores = new Map<string, FakeStore>();
  state: FakeStore['state'] = 'well';

  of(owner: string): FakeStore {
    const store = this.#stores.get(owner) ?? new FakeStore();
    store.state = this.state;
    this.#stores.set(owner, store);
    return store;
  }

  async owners(): Promise<readonly string[]> {
    if (this.state === 'forbidden') throw new Error('Not here.');
    return [...this.#stores].filter(([, { values }]) => values.size > 0).map(([owner]) => owner);
  }

  async forget(owner: string): Promise<void> {
    if (this.state === 'forbidden') throw new Error('Not here.');
    this.#stores.delete(owner);
  }
}

/** Those of one browser. */
class FakeLocks implements SharedLocks {
  readonly #held = new Map<string, number>();

  async request(...[name, { ifAvailable }, held]: Parameters<SharedLocks['request']>): Promise<unknown> {
    const count = this.#held.get(name) ?? 0;
    if (ifAvailable === true) return held(count === 0 ? {} : null);
    this.#held.set(name, count + 1);
    await held({});
    this.#held.set(name, (this.#held.get(name) ?? 0) - 1);
    return undefined;
  }
}
