import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Pruning } from '../../library/store/pruning.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import { sweep } from '../../library/store/sweep.js';
import type { Limits } from '../limits.js';

/** Forgets conversations that were deleted a while ago, and what was said in them: their authors may begin others instead. */
export class ConversationPruning extends Pruning implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(store: Store, limits: Pick<Limits, 'deletedConversationMs' | 'pruneRows' | 'pruneEveryMs'>) {
    const logger = new Logger(ConversationPruning.name);
    super(
      'conversations',
      (now, limit) =>
        sweep(store, 'conversations', (manager) =>
          forgetSome(manager, now - limits.deletedConversationMs, limit),
        ),
      { limits, logError: (message, error) => logger.error(message, error) },
    );
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  onApplicationShutdown(): void {
    this.stop();
  }
}

/** What hangs on a conversation goes before it, so that no step is larger than it may be. */
const STEPS = [
  `delete from conversation_message where id in (
     select m.id from conversation c join conversation_message m on m.conversation_id = c.conversation_id
     where c.deleted_at < $1 limit $2) returning 1`,
  `delete from conversation_member where (conversation_id, user_id) in (
     select m.conversation_id, m.user_id
     from conversation c join conversation_member m on m.conversation_id = c.conversation_id
     where c.deleted_at < $1 limit $2) returning 1`,
  `delete from conversation where conversation_id in (
     select conversation_id from conversation where deleted_at < $1 limit $2) returning 1`,
];

async function forgetSome(manager: EntityManager, before: number, limit: number): Promise<number> {
  let gone = 0;
  for (const sql of STEPS)
    if (gone < limit) gone += (await rowsOf(manager, sql, [before, limit - gone])).length;
  return gone;
}
