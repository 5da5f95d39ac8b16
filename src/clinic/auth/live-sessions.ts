import type { Clock } from '../../library/broker/clock.js';
import type { Ending } from '../../library/session/ports.js';
import { Schedule } from '../../library/store/schedule.js';

/**
 * Reads which of all sessions were revoked since the last look, or belong to somebody who has another address than what lives on
 * them; where the revoked ones are very many, of those that live here.
 */
export type LookForRevoked = (
  live: () => readonly string[],
  isOf: (id: string, name: string) => boolean,
) => Promise<readonly string[]>;

/** How often the database is asked for logins that ended. */
export interface LiveSessionsOptions {
  readonly pollMs: number;
  readonly look: LookForRevoked;
  readonly logError: (message: string, error: unknown) => void;
  /** Of the looks; the machine's unless given. */
  readonly clock?: Clock;
}

/** One of them. An AbortController and its signal would be 900 bytes for each connection. */
class LiveSession implements Ending {
  /** @param name of its user, under which it is subscribed */
  constructor(readonly name: string) {}

  aborted = false;
  until = 0;
  readonly #listeners = new Set<() => void>();

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get isInUse(): boolean {
    return this.#listeners.size > 0;
  }

  /** @param failed told of a listener that throws: the others hear of it all the same */
  end(failed: (error: unknown) => void): void {
    this.aborted = true;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        failed(error);
      }
    }
  }
}

/**
 * The login sessions that something on this node lives on: connections, streams. Each of them ends when it is revoked:
 * at once where that happens here, else after the next look into the database.
 */
export class LiveSessions {
  readonly #live = new Map<string, LiveSession>();
  readonly #poll: Schedule;
  #looks = 0;

  constructor(private readonly options: LiveSessionsOptions) {
    this.#poll = new Schedule(
      {
        work: () => this.#look(),
        everyMs: options.pollMs,
        isIdle: () => this.#live.size === 0,
        // The database is gone for a while: nobody is thrown out for that, and the next look sees what this one missed.
        failed: (error) => options.logError('Could not look for revoked sessions; tries until it can', error),
      },
      options.clock,
    );
  }

  /**
   * @param until when the session is forgotten here: what lives on it ends then by itself
   * @param name of its user; what lives on it under another one ends
   */
  endingOf(sessionId: string, until: Date, name: string): Ending {
    if (!this.#isOf(sessionId, name)) this.revoke(sessionId);
    const session = this.#live.get(sessionId) ?? new LiveSession(name);
    session.until = Math.max(session.until, until.getTime());
    this.#live.set(sessionId, session);
    this.#poll.start();
    return session;
  }

  /** Whether something on this node lives on it. */
  isInUse(sessionId: string): boolean {
    return this.#live.get(sessionId)?.isInUse ?? false;
  }

  /** What lives on it ends. A login that isn't over may be lived on again. */
  revoke(sessionId: string): void {
    const session = this.#live.get(sessionId);
    this.#live.delete(sessionId);
    session?.end((error) => this.options.logError('Something did not end with its login', error));
  }

  /** Nest calls it when the application goes. */
  onApplicationShutdown(): void {
    this.#poll.stop();
    this.#live.clear();
  }

  async #look(): Promise<void> {
    if (++this.#looks % LOOKS_TO_FORGET === 0) this.#forgetEnded();
    const ended = await this.options.look(
      () => [...this.#live.keys()],
      (id, name) => this.#isOf(id, name),
    );
    for (const id of ended) this.revoke(id);
  }

  /** Also where nothing lives on it. */
  #isOf(sessionId: string, name: string): boolean {
    return (this.#live.get(sessionId)?.name ?? name) === name;
  }

  #forgetEnded(): void {
    const now = Date.now();
    for (const [id, { until }] of this.#live) if (until < now) this.#live.delete(id);
  }
}

/** Going through ten thousand of them at each look was a twentieth of an idle server's CPU. */
const LOOKS_TO_FORGET = 20;
