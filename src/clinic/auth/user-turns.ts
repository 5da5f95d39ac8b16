import type { ServerResponse } from 'node:http';
import type { Limits } from '../limits.js';
import { Shares } from '../../library/shares.js';
import { Refusal } from '../errors.js';

/**
 * Of each user so many requests are handled at once, from however many networks they come: what they write stands in the
 * database's line before everybody else's.
 */
export class UserTurns {
  readonly #turns: Shares;

  constructor(limits: Pick<Limits, 'requestsPerUser' | 'requestsWaiting'>) {
    this.#turns = new Shares({
      places: Infinity,
      placesPerKey: limits.requestsPerUser,
      waiting: Infinity,
      waitingPerKey: limits.requestsWaiting,
    });
  }

  /**
   * Takes a place until the response has left or its client has.
   * @returns what resolves when there is one, and never where the client leaves before; undefined: there is one
   * @throws {Refusal} rate_limited: too many wait already
   */
  take(userId: number, response: ServerResponse): Promise<void> | undefined {
    const user = String(userId);
    let release: (() => void) | undefined;
    let begin: (() => void) | undefined;
    const turn = this.#turns.take(user, (giveBack) => {
      release = giveBack;
      begin?.();
    });
    if (turn === 'refused')
      throw new Refusal('rate_limited', 'Too many of your requests wait already.', {
        retryAfterMs: this.#turns.waitMs(user),
      });
    response.once('close', () => {
      if (turn !== 'begun') turn.leave();
      release?.();
    });
    return turn === 'begun' ? undefined : new Promise((resolve) => (begin = resolve));
  }
}
