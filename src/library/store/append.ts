import type { EntityManager } from 'typeorm';
import { textOf, type LogTables, type RowKey } from './numbered-log.js';
import { rowsOf } from './rows.js';
import type { Appended } from './transaction.js';

/** What a kind of log knows of its drafts and rows. */
export interface Appending<Draft, Row> {
  readonly tables: LogTables;
  placeOf(draft: Draft): { readonly log: number; readonly dedupeKey?: string | undefined };
  /** In the order of the keys. */
  findKeyed(keys: readonly RowKey[]): Promise<(Row | undefined)[]>;
  /** Numbers and inserts, in the drafts' order; undefined where there is no such log. */
  insert(drafts: readonly Draft[]): Promise<(Row | undefined)[]>;
  /** What a draft is refused with that has no log. */
  noLog(log: number): Error;
}

/** Appends the drafts of one transaction: a repeated `dedupeKey` gets the row that is there, the others a new one. */
export async function append<Draft, Row>(
  manager: EntityManager,
  drafts: readonly Draft[],
  kind: Appending<Draft, Row>,
): Promise<readonly Appended<Row>[]> {
  const places = placesFor(drafts, kind);
  await lock(manager, kind.tables, places);
  await findKnown(places, kind);

  const fresh = [...new Set(places)].filter(({ row }) => row === undefined);
  const inserted = await kind.insert(fresh.map(({ draft }) => draft));
  for (const [i, place] of fresh.entries()) place.row = inserted[i];

  const added = new Set(fresh);
  return places.map((place) => {
    if (place.row === undefined) return { outcome: 'refused', error: kind.noLog(place.log) };
    // Of several drafts with one key, the first has added it.
    return { outcome: added.delete(place) ? 'added' : 'known', row: place.row };
  });
}

/** Where a row is found or inserted, for one draft or for all that have one key. */
interface NumberedPlace<Draft, Row> {
  readonly draft: Draft;
  readonly log: number;
  readonly dedupeKey: string | undefined;
  row: Row | undefined;
}

function placesFor<Draft, Row>(
  drafts: readonly Draft[],
  kind: Appending<Draft, Row>,
): NumberedPlace<Draft, Row>[] {
  const keyed = new Map<string, NumberedPlace<Draft, Row>>();
  return drafts.map((draft) => {
    const { log, dedupeKey } = kind.placeOf(draft);
    const place = { draft, log, dedupeKey, row: undefined };
    if (dedupeKey === undefined) return place;
    const key = textOf({ log, dedupeKey });
    const first = keyed.get(key) ?? place;
    keyed.set(key, first);
    return first;
  });
}

/**
 * On PostgreSQL, takes the heads before keys are looked up, so that what another transaction adds meanwhile is seen; in
 * ascending order, so that no two transactions wait for each other. Where there are no keys, they are taken as numbers are.
 */
async function lock(
  manager: EntityManager,
  { heads, log }: LogTables,
  places: readonly { readonly log: number; readonly dedupeKey: string | undefined }[],
): Promise<void> {
  if (manager.connection.options.type !== 'postgres') return;
  if (places.every(({ dedupeKey }) => dedupeKey === undefined)) return;
  const logs = [...new Set(places.map((place) => place.log))];
  const sql = `select 1 from ${heads} where ${log} = any($1) order by ${log} for update`;
  await rowsOf(manager, sql, [logs]);
}

async function findKnown<Draft, Row>(
  places: readonly NumberedPlace<Draft, Row>[],
  kind: Appending<Draft, Row>,
): Promise<void> {
  const keyed = [...new Set(places)].flatMap((place) => {
    const { log, dedupeKey } = place;
    return dedupeKey === undefined ? [] : [{ place, log, dedupeKey }];
  });
  const known = await kind.findKeyed(keyed);
  for (const [i, { place }] of keyed.entries()) place.row = known[i];
}
