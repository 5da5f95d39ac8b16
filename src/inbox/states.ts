import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../store/rows.js';

/** What is read was seen; what is unseen again is unread again. */
export type State = 'seen' | 'unseen' | 'read' | 'unread' | 'archived' | 'unarchived' | 'delivered';

/** Rows by id or by number, or all up to and including a number. */
export type Selection =
  { readonly ids: readonly number[] } | { readonly seqs: readonly number[] } | { readonly upTo: number };

/** Brings rows of an inbox into a state. @returns ids of those that weren't in it, in order of `seq` */
export async function changeState(
  manager: EntityManager,
  owner: number,
  which: Selection,
  state: State,
): Promise<number[]> {
  const parameters: unknown[] = [];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const { set, unless } = changes[state];
  const rows = await rowsOf<{ id: number; seq: number }>(
    manager,
    `update notification set ${set(() => `cast(${bind(Date.now())} as bigint)`)}
     where owner_id = ${bind(owner)} and not (${unless}) and ${condition()} returning id, seq`,
    parameters,
  );
  return rows.toSorted((a, b) => a.seq - b.seq).map(({ id }) => id);

  function condition(): string {
    if ('upTo' in which) return `seq <= ${bind(which.upTo)}`;
    const [column, numbers] = 'ids' in which ? ['id', which.ids] : ['seq', which.seqs];
    const lists = listsIn(manager, bind(JSON.stringify(numbers.map((number) => [number]))));
    return `${column} in (select cast(value->>0 as bigint) from ${lists})`;
  }
}

/** `set` names the columns, `now()` gives SQL for the instant; rows that are `unless` already aren't touched. */
const changes: Readonly<Record<State, { set: (now: () => string) => string; unless: string }>> = {
  seen: { set: (now) => `seen_at = ${now()}`, unless: 'seen_at is not null' },
  unseen: { set: () => 'seen_at = null, read_at = null', unless: 'seen_at is null' },
  read: {
    set: (now) => `read_at = ${now()}, seen_at = coalesce(seen_at, ${now()})`,
    unless: 'read_at is not null',
  },
  unread: { set: () => 'read_at = null', unless: 'read_at is null' },
  archived: { set: (now) => `archived_at = ${now()}`, unless: 'archived_at is not null' },
  unarchived: { set: () => 'archived_at = null', unless: 'archived_at is null' },
  delivered: { set: (now) => `delivered_at = ${now()}`, unless: 'delivered_at is not null' },
};
