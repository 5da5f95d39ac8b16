/** Collects what a page in view has shown, and tells the server of it together. */
export class ShownReport {
  readonly #ids = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell may fail: then a device is told that needn't be */
  constructor(
    private readonly tell: (ids: readonly number[]) => Promise<void>,
    private readonly delayMs = 300,
  ) {}

  add(id: number): void {
    this.#ids.add(id);
    this.#timer ??= setTimeout(() => this.#send(), this.delayMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ids.clear();
  }

  #send(): void {
    this.#timer = undefined;
    const ids = [...this.#ids].slice(-100);
    this.#ids.clear();
    void this.tell(ids).catch(() => undefined);
  }
}
