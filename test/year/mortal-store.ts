import type { EntityManager } from 'typeorm';
import type { Store } from '../../src/library/store/store.js';
import type { Transaction } from '../../src/library/store/transaction.js';
import type { Random } from '../torture/random.js';

/** Nothing answers any more: the process is gone. */
export class Killed extends Error {}

/** What of the store a killed node still has: nothing. */
export interface MortalStore {
  readonly store: Store;
  isDead: boolean;
}

/**
 * The store of a node that may be killed at any of its commits: before, when all is written and nothing committed, or when
 * the commit stands and nobody has heard of it. In between a database makes no difference.
 */
export function mortalStore(store: Store, random: Random, chance: number): MortalStore {
  const node: MortalStore = {
    isDead: false,
    store: {
      limits: store.limits,
      get read(): EntityManager {
        return alive(store.read);
      },
      readFor: (owner: string) => alive(store.readFor(owner)),
      write: async <T>(work: (tx: Transaction) => Promise<T>, owner?: string): Promise<T> => {
        const killed = random.chance(chance) ? random.between(1, 3) : 0;
        if (killed === 1) die();
        const value = await alive(store).write(async (tx) => {
          const value = await work(tx);
          if (killed === 2) die();
          alive(store);
          return value;
        }, owner);
        if (killed === 3) die();
        return alive(value);
      },
    } as unknown as Store,
  };
  return node;

  function die(): never {
    node.isDead = true;
    throw new Killed('killed');
  }

  function alive<T>(value: T): T {
    if (node.isDead) throw new Killed('killed');
    return value;
  }
}
