import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../store/rows.js';
import type { Entry } from './entry.js';
import { SELECTED, entryOf, type EntryRow } from './entry-row.js';

/** The name by which a row can be found that has no number yet. */
export interface EntryKey {
  readonly owner: number;
  readonly dedupeKey: string;
}

/** The rows that were appended with these keys, in the order of the keys. */
export async function findKeyed(
  manager: EntityManager,
  keys: readonly EntryKey[],
): Promise<(Entry | undefined)[]> {
  if (keys.length === 0) return [];
  const rows = await rowsOf<EntryRow & { dedupe_key: string }>(
    manager,
    `select n.dedupe_key, ${SELECTED} from ${listsIn(manager, '$1')}
     join notification n on n.owner_id = cast(value->>0 as bigint) and n.dedupe_key = value->>1
     join inbox i on i.owner_id = n.owner_id`,
    [JSON.stringify(keys.map(({ owner, dedupeKey }) => [owner, dedupeKey]))],
  );
  const found = new Map(
    rows.map((row) => [textOf({ owner: row.owner_id, dedupeKey: row.dedupe_key }), entryOf(row)]),
  );
  return keys.map((key) => found.get(textOf(key)));
}

/** A key as a `Map` can have it. */
export function textOf({ owner, dedupeKey }: EntryKey): string {
  return `${owner} ${dedupeKey}`;
}
