import type { Status } from '../realtime/status.js';
import { createStore, type Readable } from '../state/store.js';

/** A blip isn't worth a question. */
const patienceMs = 10_000;
export const lookAgainMs = 20_000;

/**
 * What to do where no connection can be had, because something on the way lets none through: look by REST every while.
 * Its state says whether the last look found the server.
 */
export class Lookout {
  readonly #isLooking = createStore(false);
  readonly #status: Readable<Status>;
  readonly #look: () => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param look resolves with whether the server answered */
  constructor(status: Readable<Status>, look: () => Promise<boolean>) {
    this.#status = status;
    this.#look = look;
  }

  get isLooking(): Readable<boolean> {
    return this.#isLooking;
  }

  /** @returns ends it */
  start(): () => void {
    const leave = this.#status.subscribe(() => this.#follow());
    this.#follow();
    return () => {
      leave();
      this.#rest();
    };
  }

  #follow(): void {
    const { state } = this.#status.get();
    const isMissing = state === 'connecting' || state === 'waiting' || state === 'offline';
    if (!isMissing) this.#rest();
    else this.#timer ??= setTimeout(() => void this.#lookOut(), patienceMs);
  }

  async #lookOut(): Promise<void> {
    const timer = this.#timer;
    const isFound = await this.#look();
    // Live meanwhile, or gone.
    if (timer !== this.#timer) return;
    this.#isLooking.set(isFound);
    this.#timer = setTimeout(() => void this.#lookOut(), lookAgainMs);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isLooking.set(false);
  }
}
