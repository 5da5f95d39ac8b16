import type { Http } from '../api/http.js';
import { Problem } from '../api/problem.js';
import type { Login } from '../api/types.js';
import type { KeptLogin } from './login-storage.js';
import type { Locks } from '../realtime/tabs.js';
import type { Session } from './session.js';

const retryMs = 10_000;
/** However short a life the server gives: a tab asks no oftener. */
const leastMs = 5_000;
/** A longer one fires at once (HTML, timers: 32 bits). To renew too early does no harm. */
const longestTimerMs = 2 ** 31 - 1;

/** Keeps the session's token young: by itself at 80 % of its life, and whenever somebody needs one. */
export class Renewal {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly session: Session,
    private readonly http: Http,
    private readonly now: () => number = Date.now,
    /** Web Locks, so that of several tabs one asks; without, each does. */
    private readonly locks?: Locks,
    private readonly lockName = 'carillon.renewal',
  ) {}

  start(): void {
    const state = this.session.state.get();
    if (state.signedIn) this.#schedule(leftMs(state, this.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /**
   * A token to connect with; undefined when the session is over.
   * @param rejected the server refused the present one, so a new one is needed whatever its age
   * @throws {Unreachable | Problem} when a new one is needed and can't be had now
   */
  async token({ rejected }: { rejected: boolean }): Promise<string | undefined> {
    const state = this.session.state.get();
    if (!state.signedIn) return undefined;
    if (rejected || leftMs(state, this.now()) === 0) await this.#renew();
    return this.session.token();
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renewOrRetry(), Math.min(delayMs, longestTimerMs));
  }

  async #renewOrRetry(): Promise<void> {
    try {
      await this.#renew();
    } catch {
      // The clinic can't be reached, or refuses for a while. The old token may still be good; ask again.
      if (this.session.state.get().signedIn) this.#schedule(retryMs);
    }
  }

  /** One request at a time, however many ask. */
  #renew(): Promise<void> {
    this.#running ??= this.#request().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #request(): Promise<void> {
    const before = this.session.token();
    if (!this.locks) return this.#ask(before);
    await this.locks.request(this.lockName, {}, () => this.#ask(before));
  }

  async #ask(before: string | undefined): Promise<void> {
    // Another tab has renewed it while this one waited.
    if (this.session.token() !== before) return this.start();
    try {
      const login = await this.http<Login>('/auth/refresh', { method: 'POST' });
      // Signed out, or in as somebody else, while we asked.
      if (this.session.token() !== before) return;
      this.session.renew(login);
      this.start();
    } catch (error) {
      // 401 has ended the session already (Http tells it): nothing to throw about.
      if (error instanceof Problem && error.status === 401) return;
      throw error;
    }
  }
}

/** How long the token is young still: 80 % of its life, late enough to be rare, early enough for a second try. */
function leftMs({ login, keptAt }: KeptLogin, now: number): number {
  const lifeMs = login.expiresIn * 1_000;
  const youngMs = lifeMs > 0 ? Math.max(leastMs, 0.8 * lifeMs) : leastMs;
  const ageMs = now - keptAt;
  // From the future: the clock was set meanwhile, and how old the token is nobody knows.
  return ageMs >= 0 ? Math.max(0, youngMs - ageMs) : 0;
}
