import { randomBytes } from 'node:crypto';
import { rowsOf } from '../store/rows.js';
import type { Store } from '../store/store.js';

/**
 * Gives every inbox an epoch that it never had, so that whoever holds a position is told to reload. It is part of
 * restoring a backup: numbers that were given after the backup will be given again, to other rows.
 */
export async function renewEpochs(store: Store): Promise<void> {
  // An epoch belongs to one inbox, so that a cursor of another one is unknown in it.
  const prefix = randomBytes(4).toString('base64url');
  await store.write(({ manager }) =>
    rowsOf(manager, 'update inbox set epoch = cast($1 as varchar) || owner_id', [`${prefix}-`]),
  );
}
