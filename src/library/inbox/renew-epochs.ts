import type { Store } from '../store/store.js';
import { entries } from './entry-row.js';

/**
 * Gives every inbox an epoch that it never had, so that every client that holds a position is told to reload. It is part of
 * restoring a backup.
 */
export async function renewEpochs(store: Store): Promise<void> {
  await store.write(({ manager }) => entries.renewAll(manager));
}
