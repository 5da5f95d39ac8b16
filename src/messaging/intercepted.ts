import { from, isObservable, mergeMap, Observable, Subject, type Subscription } from 'rxjs';

/**
 * Runs a method inside of Nest's interceptors, which see all that it returns as one Observable. A single value comes
 * out as itself, as soon as it is there; a stream as a stream, as soon as the method has returned it: nothing of it
 * flows before somebody subscribes.
 * @param intercept calls its argument between the interceptors
 */
export function throughInterceptors(
  intercept: (method: () => Promise<unknown>) => Promise<unknown>,
  method: () => Promise<unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const items = new Subject<unknown>();
    const { promise: subscribed, resolve: begin } = promised();
    let outer: Subscription | undefined;
    let isStream = false;
    let last: unknown;
    const stream = new Observable((reader) => {
      items.subscribe(reader);
      begin();
      return () => outer?.unsubscribe();
    });

    const gated = async (): Promise<unknown> => {
      const returned = await method();
      if (!isObservable(returned)) return returned;
      isStream = true;
      resolve(stream);
      return from(subscribed).pipe(mergeMap(() => returned));
    };

    intercept(gated).then((outcome) => {
      if (!isObservable(outcome)) return resolve(outcome);
      outer = outcome.subscribe({
        next: (item) => {
          if (isStream) items.next(item);
          else last = item;
        },
        error: (error: Error) => {
          if (isStream) items.error(error);
          // As it was thrown; what it is, is for the handlers of exceptions to know.
          reject(error);
        },
        complete: () => {
          items.complete();
          resolve(last);
        },
      });
    }, reject);
  });
}

function promised(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
