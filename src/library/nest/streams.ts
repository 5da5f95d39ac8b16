import { setImmediate } from 'node:timers/promises';
import { isObservable, type Observable } from 'rxjs';
import { Refusal } from '../errors.js';
import type { ClientSession } from '../session/ports.js';

/** What a method may answer with when there is more than one value. */
export type Stream = Observable<unknown> | AsyncIterable<unknown>;

/** Whether a method's answer has many values. */
export function isStream(value: unknown): value is Stream {
  return isObservable(value) || isAsyncIterable(value);
}

/** Whether `for await` can walk a value. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Who takes what a stream gives. */
export interface StreamReader {
  /** Aborts when nobody waits for more. */
  readonly left: AbortSignal;
  /** Takes an item; an async iterable isn't asked for the next before this resolves. */
  readonly emit: (item: unknown) => void | Promise<void>;
  /** The stream failed, or an item couldn't be taken; nothing comes after it. */
  readonly fail: (error: unknown) => void;
}

/** The streams that methods have begun and that still run: stopped when their client leaves, bounded for each. */
export class Streams {
  readonly #running = new WeakMap<ClientSession, number>();

  constructor(private readonly limitPerSession: number) {}

  /** @throws {Refusal} subscription_limit */
  run(stream: Stream, session: ClientSession, reader: StreamReader): void {
    const running = this.#running.get(session) ?? 0;
    if (running >= this.limitPerSession) {
      throw new Refusal(
        'subscription_limit',
        `At most ${this.limitPerSession} streams of methods run for one connection.`,
      );
    }
    this.#running.set(session, running + 1);
    const ended = (): void => {
      this.#running.set(session, (this.#running.get(session) ?? 1) - 1);
    };
    void (isObservable(stream) ? observe(stream, reader) : iterate(stream, reader)).then(ended);
  }
}

/** Pushes as its source does; who can't take it in time is closed, as with a topic. */
function observe(stream: Observable<unknown>, { left, emit, fail }: StreamReader): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    let tail = Promise.resolve();
    let subscription: { unsubscribe(): void } | undefined;
    const end = (): void => {
      isOver = true;
      subscription?.unsubscribe();
      left.removeEventListener('abort', end);
      resolve();
    };
    const failed = (error: unknown): void => {
      if (!isOver) fail(error);
      end();
    };
    left.addEventListener('abort', end, { once: true });
    subscription = stream.subscribe({
      next: (item) => {
        tail = tail.then(() => (isOver ? undefined : emit(item))).catch(failed);
      },
      // What came before the end is sent before it.
      error: (reason: unknown) => void tail.then(() => failed(reason)),
      complete: () => void tail.then(end),
    });
    if (left.aborted || isOver) end();
  });
}

async function iterate(stream: AsyncIterable<unknown>, { left, emit, fail }: StreamReader): Promise<void> {
  let iterator: AsyncIterator<unknown> | undefined;
  // Now, and not after the next item, which may never come.
  const stop = (): void => iterator && void closeIterator(iterator);
  left.addEventListener('abort', stop, { once: true });
  try {
    iterator = stream[Symbol.asyncIterator]();
    // Its reader left before there was anything to stop.
    if (left.aborted) stop();
    for (;;) {
      const item = await iterator.next();
      if (item.done || left.aborted) return;
      await emit(item.value);
      // A generator that never waits would leave no time for anybody else.
      await setImmediate();
    }
  } catch (error) {
    if (left.aborted) return;
    fail(error);
    stop();
  } finally {
    left.removeEventListener('abort', stop);
  }
}

/** Lets go of what is behind an iterator. Never throws. */
export async function closeIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // It was told to stop, and nobody waits for how it took it.
  }
}
