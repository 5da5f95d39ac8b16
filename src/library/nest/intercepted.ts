import { from, isObservable, mergeMap, Observable, Subject, Subscription } from 'rxjs';
import { promised } from './promised.js';
import { PacedStream } from './paced-stream.js';
import { isAsyncIterable, isStream } from './streams.js';

/**
 * Runs a method inside of Nest's interceptors, which see all that it returns as one Observable. A single value comes
 * out as itself, as soon as it is there; a stream as a stream of its kind, as soon as the method has returned it: nothing of
 * it flows before somebody subscribes, or asks for it.
 * @param intercept calls its argument between the interceptors
 */
export function throughInterceptors(
  intercept: (method: () => Promise<unknown>) => Promise<unknown>,
  method: () => Promise<unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const items = new Subject<unknown>();
    let paced: PacedStream | undefined;
    let out: Pick<Subject<unknown>, 'next' | 'error' | 'complete'> = items;
    const { promise: subscribed, resolve: onSubscribed } = promised<void>();
    // Closed already where its reader left before there was anything to subscribe to.
    const teardown = new Subscription();
    let streams = false;
    let last: unknown;
    const stream = new Observable((reader) => {
      items.subscribe(reader);
      onSubscribed();
      return () => teardown.unsubscribe();
    });

    const startMethod = async (): Promise<unknown> => {
      const returned = await method();
      streams = isStream(returned);
      if (isAsyncIterable(returned)) {
        // Once, however often an interceptor calls the method.
        paced ??= new PacedStream(() => teardown.unsubscribe());
        out = paced.out;
        resolve(paced);
        return paced.inside(returned);
      }
      if (!isObservable(returned)) return returned;
      resolve(stream);
      return from(subscribed).pipe(mergeMap(() => returned));
    };

    intercept(startMethod).then((outcome) => {
      if (!isObservable(outcome)) return resolve(outcome);
      const inner = outcome.subscribe({
        next: (item) => {
          if (streams) out.next(item);
          else last = item;
        },
        error: (error: Error) => {
          if (streams) out.error(error);
          // As it was thrown; what it is, is for the handlers of exceptions to know.
          reject(error);
        },
        complete: () => {
          out.complete();
          resolve(last);
        },
      });
      teardown.add(inner);
    }, reject);
  });
}
