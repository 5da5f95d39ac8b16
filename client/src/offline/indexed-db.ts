import type { OfflineStores } from './offline-store.js';

/**
 * Keeps values in the browser's IndexedDB. Where that is forbidden, as in some private windows, everything rejects.
 * @param name of the database: it belongs to an origin, so it names the application where an origin has several
 */
export function indexedDbStores(name = 'carillon'): OfflineStores {
  let opened: ReturnType<typeof open> | undefined;
  const kept = () => (opened ??= open(name));

  return {
    of: (owner) => ({
      get: async (key) => (await kept()).get([owner, key]),
      set: async (key, value) => (await kept()).set([owner, key], value),
      delete: async (key) => (await kept()).remove([[owner, key]]),
    }),
    owners: async () => [...new Set((await (await kept()).keys()).map(([owner]) => owner))],
    async forget(owner) {
      const { keys, remove } = await kept();
      await remove((await keys()).filter(([of]) => of === owner));
    },
  };
}

/** Whose it is, and what. */
type Key = [owner: string, key: string];

async function open(name: string) {
  // Loaded when something is kept: a page that keeps nothing needs none of it.
  const { createStore, delMany, get, keys, set } = await import('idb-keyval');
  const store = createStore(name, 'kept');
  return {
    get: (key: Key) => get<unknown>(key, store),
    set: (key: Key, value: unknown) => set(key, value, store),
    remove: (keys: Key[]) => delMany(keys, store),
    keys: () => keys<Key>(store),
  };
}
