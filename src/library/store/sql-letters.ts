import type { Clock } from '../broker/clock.js';
import type { Letters } from '../relay/letters.js';
import { systemClock } from '../transport/system-clock.js';
import { Pruning } from './pruning.js';
import { rowsOf } from './rows.js';
import type { Store } from './store.js';

/**
 * Letters in a table of PostgreSQL, where every node reads them for `relayLetterMs`; they are deleted in as long again,
 * by whichever node is first. The database's clock counts. Needs the migration `RelayLetters1764310000001`.
 */
export class SqlLetters implements Letters {
  readonly #pruning: Pruning;
  readonly #lifeSeconds: number;

  /** @param logError told when old ones can't be deleted */
  constructor(
    private readonly store: Store,
    logError: (message: string, error: unknown) => void,
    clock: Clock = systemClock,
  ) {
    const { relayLetterMs, pruneRows } = store.limits;
    this.#lifeSeconds = relayLetterMs / 1_000;
    const limits = { pruneRows, pruneEveryMs: relayLetterMs };
    this.#pruning = new Pruning('letters between nodes', (_now, limit) => this.#forgetSome(limit), {
      limits,
      clock,
      logError,
    });
    this.#pruning.start();
  }

  stop(): void {
    this.#pruning.stop();
  }

  async put(payload: Uint8Array): Promise<string> {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const rows = await this.store.write(({ manager }) =>
      rowsOf<{ id: number }>(manager, 'insert into relay_letter (payload) values ($1) returning id', [bytes]),
    );
    return String(rows[0]?.id);
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    // From another node: whatever it says, it is no fault of the statement.
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const [row] = await rowsOf<{ payload: Uint8Array }>(
      this.store.read,
      'select payload from relay_letter where id = $1 and created_at > now() - make_interval(secs => $2)',
      [id, this.#lifeSeconds],
    );
    return row?.payload;
  }

  /** @returns how many */
  async #forgetSome(limit: number): Promise<number> {
    const rows = await this.store.write(({ manager }) =>
      rowsOf(
        manager,
        `delete from relay_letter where id in (
           select id from relay_letter where created_at <= now() - make_interval(secs => $1)
           order by created_at limit $2 for update skip locked)
         returning id`,
        [this.#lifeSeconds, limit],
      ),
    );
    return rows.length;
  }
}
