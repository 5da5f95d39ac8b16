import { setImmediate } from 'node:timers/promises';
import { Observable, type Subscriber } from 'rxjs';
import { closeIterator } from './streams.js';

/**
 * Lets async iterables through interceptors, which know Observables only, and keeps their pace: a source is asked for an
 * item when its reader has taken all that came of the one before.
 */
export class PacedStream implements AsyncIterable<unknown> {
  readonly #came: Outcome[] = [];
  #source: Source | undefined;
  #wake = (): void => {};

  /** @param stop lets go of the interceptors */
  constructor(private readonly stop: () => void) {}

  /** Takes all that comes out of the interceptors: it is what the reader is given. */
  readonly out: Pick<Subscriber<unknown>, 'next' | 'error' | 'complete'> = {
    next: (item) => this.#take({ done: false, value: item }),
    error: (error: unknown) => this.#take({ error }),
    complete: () => this.#take(end),
  };

  /**
   * What interceptors are given in the place of a source: it has an item when the reader asks for one. One that tries
   * again brings another source.
   */
  inside(source: AsyncIterable<unknown>): Observable<unknown> {
    return new Observable((reader) => {
      const iterator = source[Symbol.asyncIterator]();
      this.#source = { iterator, reader };
      this.#wake();
      return () => {
        if (this.#source?.iterator !== iterator) return;
        this.#source = undefined;
        void closeIterator(iterator);
      };
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return {
      next: async () => {
        for (;;) {
          const outcome = this.#came.shift();
          if (outcome) return given(outcome);
          await (this.#source ? this.#ask(this.#source) : this.#change());
        }
      },
      return: async () => {
        this.stop();
        // Ends a `next` that waits for an item that no interceptor will give any more.
        this.#take(end);
        return end;
      },
    };
  }

  /** Hands one item to the interceptors, or how the source ended. */
  async #ask({ iterator, reader }: Source): Promise<void> {
    try {
      const item = await iterator.next();
      if (item.done === true) {
        this.#source = undefined;
        reader.complete();
      } else reader.next(item.value);
    } catch (error) {
      this.#source = undefined;
      reader.error(error);
    }
    // An interceptor may hold it back; a source that never waits would leave it no time.
    if (this.#came.length === 0) await setImmediate();
  }

  #take(outcome: Outcome): void {
    this.#came.push(outcome);
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

interface Source {
  readonly iterator: AsyncIterator<unknown>;
  readonly reader: Subscriber<unknown>;
}

type Outcome = IteratorResult<unknown> | { readonly error: unknown };

const end = { done: true, value: undefined } as const;

function given(outcome: Outcome): IteratorResult<unknown> {
  if ('error' in outcome) throw outcome.error;
  return outcome;
}
