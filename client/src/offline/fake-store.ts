import type { OfflineStore } from './offline-store.js';

/** A store in memory; it can be full, forbidden, or never answer. */
export class FakeStore implements OfflineStore {
  readonly values = new Map<string, unknown>();
  state: 'well' | 'full' | 'forbidden' | 'silent' = 'well';
  #last: Promise<unknown> = Promise.resolve();

  get(key: string): Promise<unknown> {
    return this.#do(() => structuredClone(this.values.get(key)));
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#do(() => {
      if (this.state === 'full') throw new DOMException('There is no room left.', 'QuotaExceededError');
      this.values.set(key, structuredClone(value));
    });
  }

  delete(key: string): Promise<void> {
    return this.#do(() => void this.values.delete(key));
  }

  /** Resolves when all that was asked for is done, and what came of it. */
  async settled(): Promise<void> {
    for (let before; before !== this.#last;) {
      before = this.#last;
      await before;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #do<T>(what: () => T): Promise<T> {
    if (this.state === 'silent') return new Promise(() => undefined);
    const done = (async () => {
      await this.#last;
      if (this.state === 'forbidden') throw new DOMException('Not here.', 'SecurityError');
      return what();
    })();
    this.#last = done.catch(() => undefined);
    return done;
  }
}
