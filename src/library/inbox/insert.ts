import type { EntityManager } from 'typeorm';
import { number } from '../store/number.js';
import type { AddedEntry, Entry, EntryDraft } from './entry.js';
import { entries } from './entry-row.js';
import { supersede } from './supersede.js';

/** @returns the rows as they are now, in the drafts' order; undefined where an owner has no inbox */
export async function insertEntries(
  manager: EntityManager,
  given: readonly EntryDraft[],
): Promise<(AddedEntry | undefined)[]> {
  // Half a surrogate pair has no UTF-8, and PostgreSQL refuses it. A text cut in the middle of an emoji has one.
  const drafts = given.map((draft) => ({
    ...draft,
    message: draft.message.replaceAll(/\p{Surrogate}/gu, '\uFFFD'),
  }));
  // The column is of a later migration: what nobody uses needn't be there.
  const superseding = drafts.some(({ supersedeKey }) => supersedeKey !== undefined);
  const numbered = await number(
    manager,
    entries.tables,
    ['type', 'message', 'data', ...(superseding ? ['supersede_key'] : [])],
    drafts.map(({ owner, type, message, data, dedupeKey, supersedeKey }) => ({
      log: owner,
      dedupeKey,
      values: [type, message, JSON.stringify(data), ...(superseding ? [supersedeKey] : [])],
    })),
  );

  const inserted = drafts.flatMap((draft, i) => {
    const place = numbered[i];
    if (!place) return [];
    const { owner, type, message, data } = draft;
    const { id, epoch, seq, createdAt } = place;
    const states = { seenAt: null, readAt: null, archivedAt: null, deliveredAt: null };
    const entry: Entry = {
      id,
      owner,
      epoch,
      seq,
      type,
      message,
      data,
      createdAt,
      ...states,
    };
    return [{ draft, entry }];
  });
  const current = await supersede(manager, inserted);
  const ofDraft = new Map(inserted.map(({ draft }, i) => [draft, current[i]]));
  return drafts.map((draft) => ofDraft.get(draft));
}
