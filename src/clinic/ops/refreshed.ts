/** What anybody may ask for and is dear to make: made once in a while, for however many who ask. */
export class Refreshed<T> {
  #made: Promise<T> | undefined;
  #madeAt = 0;

  /** @param ms how long it is good for */
  constructor(
    private readonly make: () => Promise<T>,
    private readonly ms: number,
  ) {}

  get(): Promise<T> {
    const now = performance.now();
    if (this.#made && now - this.#madeAt < this.ms) return this.#made;
    this.#madeAt = now;
    return (this.#made = this.make());
  }
}
