/** How many places there are, and how many may wait for one. */
export interface SharesOptions {
  /** Pieces of work that run at once, and of these for one key. */
  readonly places: number;
  readonly placesPerKey: number;
  /** Pieces of work that wait, and of these for one key; beyond either, more is refused. */
  readonly waiting: number;
  readonly waitingPerKey: number;
  /** How long a piece of work is taken to last before one was measured, in ms. */
  readonly workMs?: number;
  /** ms of a clock that only goes forward. */
  readonly now?: () => number;
}

/** Work that has no place yet. */
export interface Waiting {
  /** Nobody wants it any more: it is dropped, and never begun. Does nothing once it has begun. */
  leave(): void;
}

/**
 * Places shared among keys in turn (fair queueing, RFC 970): however much one key brings, another's next piece of work
 * waits for one of each key at most. Keys that have nothing here take no memory. Any bound may be Infinity.
 */
export class Shares {
  readonly #shares = new Map<string, Share>();
  /** Those whose work may begin as soon as there is a place, in turn. */
  readonly #turns = new Set<Share>();
  readonly #now: () => number;
  #running = 0;
  #waiting = 0;
  #isServing = false;
  #workMs: number | undefined;

  constructor(private readonly options: SharesOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Begins the work: before this returns, where a place is free.
   * @param begin gets what gives the place back, to be called once the work has ended, however it ended; it doesn't throw
   */
  take(key: string, begin: (release: () => void) => void): 'begun' | 'refused' | Waiting {
    const share = this.#shares.get(key) ?? { key, running: 0, waiting: new Set() };
    const { places, placesPerKey, waiting, waitingPerKey } = this.options;
    if (this.#running < places && share.running < placesPerKey && this.#turns.size === 0) {
      this.#shares.set(key, share);
      this.#begin(share, begin);
      return 'begun';
    }
    if (this.#waiting >= waiting || share.waiting.size >= waitingPerKey) return 'refused';
    return this.#wait(share, begin);
  }

  /** How long work of this key would wait if it came now, in ms: by what waits before it and how long work has lasted. */
  waitMs(key: string): number {
    const { places, placesPerKey } = this.options;
    const own = this.#shares.get(key)?.waiting.size ?? 0;
    const before = Math.min(this.#waiting, (own + 1) * this.#shares.size);
    const workMs = this.#workMs ?? this.options.workMs ?? 0;
    return workMs * Math.max((before + 1) / places, (own + 1) / placesPerKey);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get keys(): number {
    return this.#shares.size;
  }

  #wait(share: Share, begin: Begin): Waiting {
    const entry = { begin };
    this.#shares.set(share.key, share);
    share.waiting.add(entry);
    this.#waiting++;
    this.#update(share);
    return {
      leave: () => {
        if (!share.waiting.delete(entry)) return;
        this.#waiting--;
        this.#update(share);
      },
    };
  }

  #begin(share: Share, begin: Begin): void {
    const begunAt = this.#now();
    let isHeld = true;
    this.#running++;
    share.running++;
    this.#update(share);
    begin(() => {
      if (!isHeld) return;
      isHeld = false;
      this.#running--;
      share.running--;
      this.#measured(this.#now() - begunAt);
      this.#update(share);
      this.#serve();
    });
  }

  /** In a loop, not by recursion: work may end before its beginning returns. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#running < this.options.places && this.#turns.size > 0) this.#beginNext();
    } finally {
      this.#isServing = false;
    }
  }

  #beginNext(): void {
    const [share] = this.#turns;
    const [entry] = share?.waiting ?? [];
    if (!share || !entry) return;
    // Its next turn comes after everybody else's.
    this.#turns.delete(share);
    share.waiting.delete(entry);
    this.#waiting--;
    this.#begin(share, entry.begin);
  }

  /** Whether it is its turn one day, and whether it is still known. */
  #update(share: Share): void {
    if (share.waiting.size > 0 && share.running < this.options.placesPerKey) this.#turns.add(share);
    else this.#turns.delete(share);
    if (share.waiting.size === 0 && share.running === 0) this.#shares.delete(share.key);
  }

  /** Smoothed as TCP smooths its round trips (RFC 6298, 2.3). */
  #measured(workMs: number): void {
    this.#workMs = this.#workMs === undefined ? workMs : this.#workMs + (workMs - this.#workMs) / 8;
  }
}

type Begin = (release: () => void) => void;

interface Share {
  readonly key: string;
  running: number;
  readonly waiting: Set<{ readonly begin: Begin }>;
}
