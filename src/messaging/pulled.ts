import { setImmediate } from 'node:timers/promises';
import { Observable, type Subscriber } from 'rxjs';
import { promised } from './promised.js';

/** The two ends of what stands between a source and its reader. */
export interface Pulled {
  /** What interceptors are given in the place of the source: it has an item when the reader asks for one. */
  readonly inside: Observable<unknown>;
  /** What the reader is given: all that comes out of the interceptors. */
  readonly outside: AsyncIterable<unknown>;
  /** Takes what comes out. */
  readonly out: Pick<Subscriber<unknown>, 'next' | 'error' | 'complete'>;
}

/**
 * Lets an async iterable through interceptors, which know Observables only, and keeps its pace: the source is asked for
 * an item when its reader has taken all that came of the one before.
 * @param stop lets go of the interceptors
 */
export function pulled(source: AsyncIterable<unknown>, stop: () => void): Pulled {
  const { promise: subscribed, resolve: begin } = promised<Subscriber<unknown>>();
  const came = new Came();
  return {
    inside: new Observable((reader) => begin(reader)),
    out: {
      next: (item) => came.take({ done: false, value: item }),
      error: (error: unknown) => came.take({ error }),
      complete: () => came.take({ done: true, value: undefined }),
    },
    outside: {
      [Symbol.asyncIterator]() {
        const iterator = source[Symbol.asyncIterator]();
        let isExhausted = false;
        return {
          async next(): Promise<IteratorResult<unknown>> {
            const reader = await subscribed;
            while (came.isEmpty && !isExhausted) {
              isExhausted = !(await feed(iterator, reader));
              // An interceptor may hold it back; a source that never waits would leave it no time.
              if (came.isEmpty && !isExhausted) await setImmediate();
            }
            return came.next();
          },
          async return(): Promise<IteratorResult<unknown>> {
            stop();
            // For whoever waits for what an interceptor will never give now.
            came.take({ done: true, value: undefined });
            await iterator.return?.();
            return { done: true, value: undefined };
          },
        };
      },
    },
  };
}

/** Hands on one item, or how the source ended; false: there is no more. */
async function feed(iterator: AsyncIterator<unknown>, reader: Subscriber<unknown>): Promise<boolean> {
  try {
    const item = await iterator.next();
    if (item.done !== true) {
      reader.next(item.value);
      return !reader.closed;
    }
    reader.complete();
  } catch (error) {
    reader.error(error);
  }
  return false;
}

type Outcome = IteratorResult<unknown> | { readonly error: unknown };

/** What came out and wasn't asked for yet. */
class Came {
  readonly #outcomes: Outcome[] = [];
  #wake = (): void => {};

  get isEmpty(): boolean {
    return this.#outcomes.length === 0;
  }

  take(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#wake();
  }

  async next(): Promise<IteratorResult<unknown>> {
    const outcome = this.#outcomes.shift();
    if (!outcome) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      return this.next();
    }
    if ('error' in outcome) throw outcome.error;
    return outcome;
  }
}
