/** A value that can be watched. The snapshot is the same object until it changes, as useSyncExternalStore asks. */
export interface Readable<T> {
  readonly get: () => T;
  /** @returns ends it */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A value that components may watch, with the right to change it. */
export interface Store<T> extends Readable<T> {
  readonly set: (value: T) => void;
  readonly update: (change: (value: T) => T) => void;
}

/** Makes a store with its first value. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();

  function set(next: T): void {
    if (Object.is(value, next)) return;
    value = next;
    for (const listener of [...listeners]) listener();
  }

  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
