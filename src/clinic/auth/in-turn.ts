import type { Shares } from '../../library/shares.js';
import { Refusal } from '../errors.js';

/** In whose turn dear work is done. */
export interface Turn {
  readonly shares: Shares;
  /** The key whose share it takes a place of. */
  readonly key: string;
  /** Nobody wants it any more: what hasn't begun is dropped. */
  readonly left: AbortSignal | undefined;
}

/** Does costly work when its turn comes. @throws {Refusal} rate_limited: too much waits, or its client has left */
export function inTurn<T>({ shares, key, left }: Turn, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (left?.aborted) return reject(hasLeft());
    let leave: (() => void) | undefined;
    const turn = shares.take(key, (release) => {
      if (leave) left?.removeEventListener('abort', leave);
      void work().finally(release).then(resolve, reject);
    });
    if (turn === 'refused') return reject(isFull(shares.waitMs(key)));
    if (turn === 'begun') return;
    leave = () => {
      turn.leave();
      reject(hasLeft());
    };
    left?.addEventListener('abort', leave, { once: true });
  });
}

function isFull(waitMs: number): Refusal {
  return new Refusal('rate_limited', 'Too many sign in at the moment; wait and try again.', {
    retryAfterMs: waitMs,
  });
}

/** Nobody reads it: it ends what was begun for them. */
export function hasLeft(): Refusal {
  return new Refusal('rate_limited', 'The client has left before it was its turn.');
}
