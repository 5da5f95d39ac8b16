import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../store/rows.js';
import { filters, type Filter } from './filters.js';

/** What is read was seen, unless a newer row superseded it; what is unseen again is unread again. */
export type State = 'seen' | 'unseen' | 'read' | 'unread' | 'archived' | 'unarchived' | 'delivered';

/** Rows by id or by number, or the first so many of those that a list shows, up to and including a number. */
export type Selection =
  | { readonly ids: readonly number[] }
  | { readonly seqs: readonly number[] }
  | (Filtered & { readonly after: number; readonly limit: number });

/** What a list shows, up to and including a number. */
export interface Filtered {
  readonly upTo: number;
  readonly filter?: Filter | undefined;
}

/** Brings rows of an inbox into a state. @returns those that weren't in it, in order of `seq` */
export async function changeState(
  manager: EntityManager,
  owner: number,
  which: Selection,
  state: State,
): Promise<ChangedRow[]> {
  const parameters: unknown[] = [];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const { set, where } = changes[state];
  const update = `update notification set ${set(() => `cast(${bind(Date.now())} as bigint)`)}`;
  const rows = await rowsOf<ChangedRow>(
    manager,
    `${update} ${chosen()} returning notification.id, notification.seq`,
    parameters,
  );
  return rows.toSorted((a, b) => a.seq - b.seq);

  function chosen(): string {
    if ('upTo' in which) {
      const shown = [where, ...filters[which.filter ?? 'all']].join(' and ');
      return `from (
          select id from notification as n
          where owner_id = ${bind(owner)} and seq > ${bind(which.after)} and seq <= ${bind(which.upTo)} and ${shown}
          order by seq limit ${bind(which.limit)}
        ) as chosen where notification.id = chosen.id`;
    }
    const [column, numbers] = 'ids' in which ? ['id', which.ids] : ['seq', which.seqs];
    const lists = listsIn(manager, bind(JSON.stringify(numbers.map((number) => [number]))));
    // "= true" hides a partial index from SQLite, which would look through all unread rows for a single one.
    return `from (select cast(value->>0 as bigint) as number from ${lists}) as chosen
      where ${column} = chosen.number and owner_id = ${bind(owner)} and (${where}) = true`;
  }
}

/** An entry whose state was changed. */
export interface ChangedRow {
  readonly id: number;
  readonly seq: number;
}

/**
 * `set` names the columns, `now()` gives SQL for the instant; rows that aren't `where` are in the state already.
 * What is unseen is always unread too, which spares an index.
 */
const changes: Readonly<Record<State, { set: (now: () => string) => string; where: string }>> = {
  seen: { set: (now) => `seen_at = ${now()}`, where: 'seen_at is null and read_at is null' },
  unseen: {
    set: () => 'seen_at = null, read_at = null',
    where: '(seen_at is not null or read_at is not null)',
  },
  read: {
    set: (now) => `read_at = ${now()}, seen_at = coalesce(seen_at, ${now()})`,
    where: 'read_at is null',
  },
  unread: { set: () => 'read_at = null', where: 'read_at is not null' },
  archived: { set: (now) => `archived_at = ${now()}`, where: 'archived_at is null' },
  unarchived: { set: () => 'archived_at = null', where: 'archived_at is not null' },
  delivered: { set: (now) => `delivered_at = ${now()}`, where: 'delivered_at is null' },
};
