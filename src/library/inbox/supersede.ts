import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../store/rows.js';
import type { AddedEntry, Entry, EntryDraft } from './entry.js';

/** A draft whose row is there. */
export interface Inserted {
  readonly draft: EntryDraft;
  readonly entry: Entry;
}

/**
 * Lets the newest row of each key stand for the older ones, which are read by that. They weren't seen by anybody, and
 * nothing says so.
 * @returns the rows as they are now, in the same order
 */
export async function supersede(
  manager: EntityManager,
  inserted: readonly Inserted[],
): Promise<AddedEntry[]> {
  const newest = new Map<string, Newest>();
  for (const { draft, entry } of inserted)
    for (const key of keysOf(draft)) newest.set(placeOf(entry.owner, key), { key, entry });
  if (newest.size === 0) return inserted.map(({ entry }) => entry);

  const readAt = new Date();
  const old = await readOlder(manager, [...newest.values()], readAt);
  const isOld = new Set(old.map(({ id }) => id));
  const supersededBy = new Map<Entry, number[]>();
  for (const { id, owner_id, supersede_key } of old) {
    const entry = newest.get(placeOf(owner_id, supersede_key))?.entry;
    if (entry) supersededBy.set(entry, [...(supersededBy.get(entry) ?? []), id]);
  }
  return inserted.map(({ entry }) => {
    // Of several in one transaction only the last stays unread.
    if (isOld.has(entry.id)) return { ...entry, readAt };
    const superseded = supersededBy.get(entry) ?? [];
    return superseded.length === 0 ? entry : { ...entry, superseded: superseded.toSorted((a, b) => a - b) };
  });
}

/** The last row of a transaction before which those of a key are old. */
interface Newest {
  readonly key: string;
  readonly entry: Entry;
}

function keysOf({ supersedeKey, supersedes = [] }: EntryDraft): readonly string[] {
  return supersedeKey === undefined ? supersedes : [supersedeKey, ...supersedes];
}

async function readOlder(
  manager: EntityManager,
  newest: readonly Newest[],
  readAt: Date,
): Promise<{ id: number; owner_id: number; supersede_key: string }[]> {
  return rowsOf(
    manager,
    `update notification set read_at = cast($1 as bigint)
     from (select cast(value->>0 as bigint) as owner, value->>1 as key, cast(value->>2 as bigint) as newest_seq
           from ${listsIn(manager, '$2')}) as newest
     where owner_id = newest.owner and supersede_key = newest.key and seq < newest.newest_seq and read_at is null
     returning id, owner_id, supersede_key`,
    [readAt.getTime(), JSON.stringify(newest.map(({ key, entry }) => [entry.owner, key, entry.seq]))],
  );
}

function placeOf(owner: number, key: string): string {
  return `${owner} ${key}`;
}
