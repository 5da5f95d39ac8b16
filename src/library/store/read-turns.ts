import { Shares } from '../shares.js';

/** Runs so many questions at once, and the others after them; owners take turns, and have a few places each. */
export class ReadTurns {
  readonly #turns: Shares;
  /** Each question of nobody's is one by itself: it waits for no other of them. */
  #ofNobody = 0;

  constructor({ places, placesPerOwner }: { readonly places: number; readonly placesPerOwner: number }) {
    this.#turns = new Shares({
      places,
      placesPerKey: Math.min(placesPerOwner, places),
      waiting: Infinity,
      waitingPerKey: Infinity,
    });
  }

  /** @param owner for whom it is; undefined where that is the node, or isn't told */
  async ask<T>(owner: string | undefined, question: () => Promise<T>): Promise<T> {
    const key = owner === undefined ? `${++this.#ofNobody}` : `of ${owner}`;
    const release = await new Promise<() => void>((begin) => this.#turns.take(key, begin));
    try {
      return await question();
    } finally {
      release();
    }
  }
}
