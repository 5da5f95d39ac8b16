import { createStore, type Readable } from './store.js';

/** The time, changing once a second while somebody looks. */
export const seconds: Readable<number> = ticking(1_000);

/** The time, changing twice a minute while somebody looks: good enough for a line that says "now". */
export const halfMinutes: Readable<number> = ticking(30_000);

function ticking(intervalMs: number): Readable<number> {
  const store = createStore(Date.now());
  let timer: ReturnType<typeof setInterval> | undefined;
  let watchers = 0;
  return {
    get: store.get,
    subscribe(listener) {
      const leave = store.subscribe(listener);
      if (watchers++ === 0) {
        store.set(Date.now());
        timer = setInterval(() => store.set(Date.now()), intervalMs);
      }
      return () => {
        leave();
        if (--watchers === 0) clearInterval(timer);
      };
    },
  };
}
