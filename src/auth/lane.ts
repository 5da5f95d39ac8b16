import { Refusal } from './refusal.js';

/** Runs costly work, a few at once, the others in turn. */
export class Lane {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param atOnce how many run @param waiting how many may wait */
  constructor(
    private readonly atOnce: number,
    private readonly waiting: number,
  ) {}

  /** @throws {Refusal} rate_limited: too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce) await this.#turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      // The place is handed over, not freed: nobody who comes just now gets in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.waiting)
      throw new Refusal('rate_limited', 'Too many sign in at the moment; try again in a second.', 1000);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
