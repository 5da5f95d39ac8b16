import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import { nowOf } from './session-rows.js';

/** Rows of one look. */
const AT_ONCE = 1_000;

/**
 * Finds which sessions were ended, on whatever node, since the last look that succeeded. Where very many were, it asks of
 * those alone that live here, so that nobody makes all nodes read what they ended.
 */
export class Revocations {
  /** By the database's clock, as `revoked_at` is: clocks of nodes may differ. */
  #lookedAt = 0;

  constructor(private readonly store: Store) {}

  /** @param live sessions that live on this node @param isOf whether what lives on one is subscribed under that name */
  async look(
    live: () => readonly string[],
    isOf: (id: string, name: string) => boolean,
  ): Promise<readonly string[]> {
    const { read, limits } = this.store;
    // What was ended before the last look may be committed only now: a unit has its time, and a node that stands still in the
    // middle of one keeps its transaction for twice as long.
    const from = this.#lookedAt - 3 * limits.writeUnitMs;
    const rows = await rowsOf<{ looked_at: number; id: string | null; email: string | null }>(
      read,
      `select looked_at, id, email from (select ${nowOf(read)} as looked_at) as look left join (
         select id, email from (
           select id, cast(null as varchar) as email from login_session
           where revoked_at > $1 order by revoked_at desc limit $2) as revoked
         union all
         select s.id, u.email from login_session s join users u on u.id = s.user_id where s.renamed_at > $3
       ) as ended on true`,
      [from, AT_ONCE, from],
    );
    const ended = rows.flatMap(({ id, email }) => (id !== null && email === null ? [id] : []));
    const renamed = rows.flatMap(({ id, email }) =>
      id !== null && email !== null && !isOf(id, email) ? [id] : [],
    );
    const found = ended.length < AT_ONCE ? ended : await this.#among(live());
    this.#lookedAt = rows[0]?.looked_at ?? this.#lookedAt;
    return [...found, ...renamed];
  }

  async #among(live: readonly string[]): Promise<string[]> {
    const { read } = this.store;
    const rows = await rowsOf<{ id: string }>(
      read,
      `select id from login_session
       where id in (select value->>0 from ${listsIn(read, '$1')}) and revoked_at is not null`,
      [JSON.stringify(live.map((id) => [id]))],
    );
    return rows.map(({ id }) => id);
  }
}
