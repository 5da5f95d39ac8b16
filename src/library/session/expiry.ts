import { withOthers, type Clock, type Timer } from '../broker/clock.js';
import type { User } from './ports.js';

/**
 * The end of a login on something that lives on it, once. A token says it in wall time, and wall time may be stepped: by
 * less than `clockStepMs` ahead, it ends nobody before the time that the token had left has passed; set back, it ends when
 * the clock says so, as for every other use of the token. A step that is longer, such as after a machine has slept, is
 * seen at the next look.
 */
export class Expiry implements Timer {
  readonly #endsAt: number;
  #timer: Timer;

  /** @param expiresAt wall time, ms since the Unix epoch */
  constructor(
    private readonly clock: Clock,
    private readonly expiresAt: number,
    private readonly clockStepMs: number,
    private readonly callback: () => void,
  ) {
    this.#endsAt = clock.monotonic() + expiresAt - clock.now();
    this.#timer = this.#wait(expiresAt - clock.now());
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #wait(leftMs: number): Timer {
    const { clock, clockStepMs } = this;
    const lookMs = withOthers(clock, clockStepMs, clockStepMs, 'later');
    return clock.after(Math.min(leftMs, lookMs), () => this.#look());
  }

  #look(): void {
    const { clock, expiresAt, clockStepMs } = this;
    const overdueMs = clock.now() - expiresAt;
    const leftMs = Math.max(-overdueMs, this.#endsAt - clock.monotonic());
    if (leftMs <= 0 || overdueMs >= clockStepMs) this.callback();
    else this.#timer = this.#wait(leftMs);
  }
}

/**
 * Calls `end` when the login expires or is ended elsewhere; a login that has neither property stays. A login that was ended before is
 * the caller's to see.
 * @returns stops watching
 */
export function watchLogin(
  { expiresAt, ended }: Pick<User, 'expiresAt' | 'ended'>,
  { clock, clockStepMs }: { readonly clock: Clock; readonly clockStepMs: number },
  end: (code: 'auth_expired' | 'auth_revoked') => void,
): () => void {
  const expiry =
    expiresAt === undefined
      ? undefined
      : new Expiry(clock, expiresAt, clockStepMs, () => end('auth_expired'));
  const revoked = (): void => end('auth_revoked');
  ended?.addEventListener('abort', revoked);
  return () => {
    expiry?.cancel();
    ended?.removeEventListener('abort', revoked);
  };
}
