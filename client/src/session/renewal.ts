import type { Http } from '../api/http.js';
import { Problem } from '../api/problem.js';
import type { Login } from '../api/types.js';
import type { Session } from './session.js';

const retryMs = 10_000;

/** Keeps the session's token young: by itself at 80 % of its life, and whenever somebody needs one. */
export class Renewal {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly session: Session,
    private readonly http: Http,
  ) {}

  start(): void {
    const state = this.session.state.get();
    if (!state.signedIn) return;
    this.#schedule(state.renewAt - Date.now());
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
    if (rejected || Date.now() >= state.renewAt) await this.#renew();
    return this.session.token();
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renewOrRetry(), Math.max(0, delayMs));
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
