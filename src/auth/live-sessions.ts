/** Reads which of all sessions were revoked since then. */
export type RevokedSince = (since: Date) => Promise<readonly string[]>;

export interface LiveSessionsOptions {
  readonly pollMs: number;
  readonly revokedSince: RevokedSince;
  readonly logError: (message: string, error: unknown) => void;
}

/**
 * The login sessions that something on this node lives on: connections, streams. Each has a signal, which aborts
 * when the session is revoked: at once where that happens here, else after the next look into the database.
 */
export class LiveSessions {
  readonly #live = new Map<string, { readonly controller: AbortController; until: number }>();
  #poll: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveSessionsOptions) {}

  /** @param until when the session is forgotten here: what lives on it ends then by itself */
  signalOf(sessionId: string, until: Date): AbortSignal {
    const known = this.#live.get(sessionId);
    const entry = known ?? { controller: new AbortController(), until: 0 };
    entry.until = Math.max(entry.until, until.getTime());
    if (!known) this.#live.set(sessionId, entry);
    this.#poll ??= setTimeout(() => void this.#look(), this.options.pollMs).unref();
    return entry.controller.signal;
  }

  revoke(sessionId: string): void {
    this.#live.get(sessionId)?.controller.abort('auth_revoked');
    this.#live.delete(sessionId);
  }

  /** Nest calls it when the application goes. */
  onApplicationShutdown(): void {
    clearTimeout(this.#poll);
    this.#live.clear();
  }

  async #look(): Promise<void> {
    try {
      for (const id of await this.options.revokedSince(new Date(Date.now() - lookBackMs))) this.revoke(id);
    } catch (error) {
      // The database is gone for a while: nobody is thrown out for that, and the next look sees what this one missed.
      this.options.logError('Could not look for revoked sessions', error);
    }
    for (const [id, { until }] of this.#live) if (until < Date.now()) this.#live.delete(id);
    this.#poll =
      this.#live.size > 0 ? setTimeout(() => void this.#look(), this.options.pollMs).unref() : undefined;
  }
}

/** Covers clocks of nodes that differ, and a database that was away for a while. */
const lookBackMs = 10 * 60 * 1000;
