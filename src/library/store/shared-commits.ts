import { Refusal } from '../errors.js';

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls that wait while some commit go together in the next commit, in their order: one fsync for all of them. */
export class SharedCommits<Call, Answer> {
  #waiting: Waiting<Call, Answer>[] = [];
  #isWriting = false;

  /**
   * @param most calls in one commit
   * @param write commits calls, and answers each. A refusal is for all of them, which may be stored all the same; where
   *   it fails otherwise, nothing is changed, one of them may be at fault, and each is tried by itself
   */
  constructor(
    private readonly most: number,
    private readonly write: (calls: readonly Call[]) => Promise<readonly Answer[]>,
  ) {}

  /** Resolves, in the order of the calls, when the call is committed. */
  add(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** One writer: what isn't committed yet was called later. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, this.most);
      try {
        await this.#write(together);
      } catch (error) {
        if (together.length === 1 || error instanceof Refusal)
          together.forEach(({ reject }) => reject(error));
        else for (const one of together) await this.#write([one]).catch(one.reject);
      }
    }
    this.#isWriting = false;
  }

  async #write(together: readonly Waiting<Call, Answer>[]): Promise<void> {
    const answers = await this.write(together.map(({ call }) => call));
    // One answer for each.
    together.forEach(({ resolve }, i) => resolve(answers[i] as Answer));
  }
}
