import type { Clock, Timer } from '../realtime/clock.js';

/** How a report collects. */
export interface ReportOptions {
  readonly clock: Clock;
  /** How long the first of a burst waits for the others. */
  readonly delayMs: number;
  /** How many ids are told at once, at most. */
  readonly limit: number;
}

/** Tells the server of rows: of a burst at once, and of each once. */
export class Report {
  /** What has been told, or is being told. */
  readonly #told = new Set<number>();
  readonly #waiting = new Set<number>();
  #timer: Timer | undefined;
  #isEnded = false;

  /** @param tell may fail: the ids are told again when they are added again */
  constructor(
    private readonly tell: (ids: readonly number[]) => Promise<unknown>,
    private readonly options: ReportOptions,
  ) {}

  add(ids: readonly number[]): void {
    for (const id of ids) if (!this.#told.has(id)) this.#waiting.add(id);
    if (this.#isEnded || this.#waiting.size === 0) return;
    this.#timer ??= this.options.clock.after(this.options.delayMs, () => void this.#send());
  }

  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const ids = [...this.#waiting].slice(0, this.options.limit);
    for (const id of ids) {
      this.#waiting.delete(id);
      this.#told.add(id);
    }
    this.add([]);
    try {
      await this.tell(ids);
    } catch {
      for (const id of ids) this.#told.delete(id);
    }
  }
}
