import type { EntityManager } from 'typeorm';
import { rowsOf } from './rows.js';
import type { Store } from './store.js';

/**
 * One step of forgetting what is old, in a unit of work of its own. Of several nodes on PostgreSQL one does it at a time.
 * @param what the name under which nodes take turns
 * @param step resolves with how much went
 * @returns the same; 0 where another node is at it
 */
export function sweep(
  store: Store,
  what: string,
  step: (manager: EntityManager) => Promise<number>,
): Promise<number> {
  return store.write(async ({ manager }) => ((await isAlone(manager, what)) ? step(manager) : 0));
}

/** Until the end of the transaction. */
async function isAlone(manager: EntityManager, what: string): Promise<boolean> {
  if (manager.connection.options.type !== 'postgres') return true;
  const [answer] = await rowsOf<{ is_alone: boolean }>(
    manager,
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as is_alone',
    [`sweep ${what}`],
  );
  return answer?.is_alone === true;
}
