/** Counts answers in a stream of them: by status, with the code of a problem. */
export class Answers {
  #rest = '';
  #status: string | undefined;
  #count = 0;
  #wanted = Infinity;
  #reached: (() => void) | undefined;

  constructor(private readonly take: (answer: string) => void) {}

  read(bytes: Buffer): void {
    const text = this.#rest + bytes.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(/HTTP\/1\.1 (\d{3})|"code":"([a-z_]+)"/g)) {
      end = match.index + match[0].length;
      const [, status, code] = match;
      if (status !== undefined) {
        this.#told();
        this.#status = status;
        this.#count += 1;
      } else if (this.#status !== undefined && Number(this.#status) >= 400) {
        this.#status += ` ${code}`;
      }
    }
    // What is cut between two pieces.
    this.#rest = text.slice(Math.max(end, text.length - 40));
    if (this.#count >= this.#wanted) setImmediate(() => this.#reached?.());
  }

  reached(count: number): Promise<void> {
    this.#wanted = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
      if (this.#count >= count) resolve();
    });
  }

  end(): void {
    this.#told();
  }

  #told(): void {
    if (this.#status !== undefined) this.take(this.#status);
    this.#status = undefined;
  }
}
