import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';

/** Beyond what came so late that a look could have passed it: a commit on its way, a clock that was set. */
const OVERLAP_MS = 60_000;
/** Rows of one look. */
const AT_ONCE = 1_000;

/**
 * Finds which sessions were ended, on whatever node, without reading the same ones at each look. Where very many were,
 * it asks of those alone that live here, so that nobody makes all nodes read what they ended.
 */
export class Revocations {
  /** By the database's clock, as `revoked_at` is. */
  #newest = 0;

  constructor(private readonly store: Store) {}

  /** @param since for the first look @param live sessions that live on this node */
  async since(since: Date, live: () => readonly string[]): Promise<readonly string[]> {
    const { read } = this.store;
    const from = Math.max(since.getTime(), this.#newest - OVERLAP_MS);
    const found = await rowsOf<Ended>(
      read,
      'select id, revoked_at from login_session where revoked_at > $1 order by revoked_at desc limit $2',
      [from, AT_ONCE],
    );
    const ended = found.length < AT_ONCE ? found : await this.#among(live());
    this.#newest = Math.max(this.#newest, found[0]?.revoked_at ?? 0);
    return ended.map(({ id }) => id);
  }

  #among(live: readonly string[]): Promise<Pick<Ended, 'id'>[]> {
    const { read } = this.store;
    return rowsOf(
      read,
      `select id from login_session
       where id in (select value->>0 from ${listsIn(read, '$1')}) and revoked_at is not null`,
      [JSON.stringify(live.map((id) => [id]))],
    );
  }
}

interface Ended {
  readonly id: string;
  readonly revoked_at: number;
}
