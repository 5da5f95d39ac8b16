import type { Clock, Timer } from '../realtime/clock.js';
import type { OfflineStore } from './offline-store.js';

/** What a value is kept as, where, and for how long. */
export interface KeptValueOptions {
  readonly store: OfflineStore;
  readonly key: string;
  /** Of its shape: what another version of the page has kept isn't read. */
  readonly version: number;
  readonly clock: Clock;
}

/** A value, and when it was last known to be right. */
export interface Known<T> {
  readonly value: T;
  /** A reading of the clock's `monotonic`; of what another page kept, one from before its beginning. */
  readonly asOf: number;
}

/** What is older helps nobody, and may be of somebody who is long gone. */
const maxKeptMs = 30 * 24 * 60 * 60 * 1_000;
/** A burst of changes is written once. */
const writeDelayMs = 200;

/** One value that outlives the page, where the browser lets it. */
export class KeptValue<T> {
  readonly #options: KeptValueOptions;
  #timer: Timer | undefined;
  #hasEnded = false;

  constructor(options: KeptValueOptions) {
    this.#options = options;
  }

  /** What was kept; undefined where there is nothing, or where nothing may be kept. */
  async load(): Promise<Known<T> | undefined> {
    const { store, key, version, clock } = this.#options;
    try {
      const kept = Object(await store.get(key)) as Partial<Kept<T>>;
      if (kept.version !== version || kept.value === undefined || typeof kept.at !== 'number')
        return undefined;
      const ageMs = clock.now() - kept.at;
      // A clock that was set back makes it no younger than it is: it is there, so it was known.
      return ageMs > maxKeptMs ? undefined : { value: kept.value, asOf: clock.monotonic() - ageMs };
    } catch {
      // Forbidden here, or broken: as if nothing had been kept.
      return undefined;
    }
  }

  /** Keeps the value soon. @param read is asked for it then; undefined: nothing is known yet */
  save(read: () => Known<T> | undefined): void {
    if (this.#hasEnded) return;
    this.#timer ??= this.#options.clock.after(writeDelayMs, () => {
      this.#timer = undefined;
      const known = read();
      if (known) void this.#write(known);
    });
  }

  /** Nothing is written any more. */
  end(): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
  }

  async #write({ value, asOf }: Known<T>): Promise<void> {
    const { store, key, version, clock } = this.#options;
    const kept: Kept<T> = { version, value, at: clock.now() - (clock.monotonic() - asOf) };
    try {
      await store.set(key, kept);
    } catch {
      // Full, perhaps: then an older one, which is there still, mustn't be shown as the last that was known.
      await store.delete(key).catch(() => undefined);
    }
  }
}

/** In the store. */
interface Kept<T> {
  readonly version: number;
  /** By the clock's `now`. */
  readonly at: number;
  readonly value: T;
}
