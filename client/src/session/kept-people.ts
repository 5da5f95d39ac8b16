import type { OfflineStore, OfflineStores } from '../offline/offline-store.js';

/** Web Locks, as far as they are used here; `navigator.locks` is one. */
export interface SharedLocks {
  request(
    name: string,
    options: { readonly mode?: 'shared' | 'exclusive'; readonly ifAvailable?: boolean },
    held: (lock: unknown) => Promise<unknown>,
  ): Promise<unknown>;
}

/** What the people are known by. */
export interface KeptPeopleOptions {
  readonly stores: OfflineStores;
  /** Undefined where the browser has none: then a tab knows of no other tab's people. */
  readonly locks: SharedLocks | undefined;
  readonly lockName: string;
  /** The people who are signed in here, whether a tab is open or not. */
  readonly staying: () => readonly string[];
}

/**
 * The people whose rows this browser keeps: they are signed in here, in a tab that is open or to stay. A person who signs
 * out leaves nothing, and neither does one whose tabs were closed.
 */
export class KeptPeople {
  readonly #options: KeptPeopleOptions;
  readonly #here = new Map<string, () => Promise<unknown>>();

  constructor(options: KeptPeopleOptions) {
    this.#options = options;
  }

  /** Somebody is signed in in this tab, from now on. */
  enter(person: string): OfflineStore {
    const { stores, locks, lockName } = this.#options;
    // Already, under another name.
    if (this.#here.has(person)) return stores.of(person);
    const { promise: isGone, resolve: go } = deferred();
    const isLetGo = quietly(locks?.request(`${lockName}.${person}`, { mode: 'shared' }, () => isGone));
    this.#here.set(person, () => {
      go();
      return isLetGo;
    });
    return stores.of(person);
  }

  /** They have left this tab to somebody else; they may be in others. */
  async leave(person: string): Promise<void> {
    await this.#exit(person);
    await this.sweep();
  }

  /** Their login is over, in all tabs. */
  async forget(person: string): Promise<void> {
    void this.#exit(person);
    await quietly(this.#options.stores.forget(person));
  }

  async #exit(person: string): Promise<void> {
    const exit = this.#here.get(person);
    this.#here.delete(person);
    await exit?.();
  }

  /** Deletes what is kept of people who aren't signed in here any more. */
  async sweep(): Promise<void> {
    const { stores, locks, lockName, staying } = this.#options;
    const owners = (await quietly(stores.owners())) ?? [];
    const gone = owners.filter((owner) => !staying().includes(owner) && !this.#here.has(owner));
    for (const owner of gone) {
      const forget = () => stores.forget(owner);
      // Nobody else holds it: there is no tab of theirs.
      await quietly(
        locks
          ? locks.request(`${lockName}.${owner}`, { ifAvailable: true }, async (lock) => lock && forget())
          : forget(),
      );
    }
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Where nothing can be kept, there is nothing to delete. */
async function quietly<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}
