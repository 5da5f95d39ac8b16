import type { Log, LogHead, LogMessage } from '../broker/log.js';

/** The address of the log that the tests' patient follows. */
export const ADDRESS = '/user/ada/queue/notifications';

/** A log whose answers come when the test lets them. */
export class PatientLog implements Log {
  readonly rows: LogMessage[] = [];
  epoch = 'e';
  earliest = 0;
  pageLimit = Infinity;
  readonly pruned = new Set<number>();
  /** The questions so far, as `read 3`. */
  readonly asked: string[] = [];
  /** The numbers that were acknowledged, by call. */
  readonly noted: (readonly number[])[] = [];
  /** What questions are answered with while it is set. */
  failure: Error | undefined;
  readonly #questions: (() => void)[] = [];

  append(): LogMessage {
    const seq = this.rows.length + 1;
    const row = {
      id: `${seq}`,
      address: ADDRESS,
      position: { epoch: this.epoch, seq },
      headers: new Map(),
      body: Buffer.from(`${seq}`),
    };
    this.rows.push(row);
    return row;
  }

  head(): Promise<LogHead> {
    return this.#later('head', () => ({ epoch: this.epoch, seq: this.rows.length, earliest: this.earliest }));
  }

  read(_address: string, after: number, limit: number): Promise<LogMessage[]> {
    const most = Math.min(limit, this.pageLimit);
    return this.#later(`read ${after}`, () =>
      this.rows
        .slice(Math.max(after, this.earliest))
        .filter(({ position }) => !this.pruned.has(position.seq))
        .slice(0, most),
    );
  }

  delivered(_address: string, numbers: readonly number[]): Promise<void> {
    this.noted.push(numbers);
    return Promise.resolve();
  }

  renew(): Promise<LogHead> {
    this.epoch += '+';
    return this.head();
  }

  /** Answers the oldest question; false if there is none. */
  async answer(): Promise<boolean> {
    const question = this.#questions.shift();
    question?.();
    await new Promise((resolve) => setImmediate(resolve));
    return question !== undefined;
  }

  async answerAll(): Promise<void> {
    while (await this.answer());
  }

  #later<T>(question: string, answer: () => T): Promise<T> {
    this.asked.push(question);
    return new Promise((resolve, reject) =>
      this.#questions.push(() => (this.failure ? reject(this.failure) : resolve(answer()))),
    );
  }
}
