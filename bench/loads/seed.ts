import { Inbox } from '../../src/library/inbox/inbox.js';
import { Store } from '../../src/library/store/store.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { embed } from './embedded.js';

export interface SeedJob {
  readonly databaseUrl: string;
  /** Whose inbox is filled; one of the demo's users. */
  readonly email: string;
  readonly rows: number;
}

/** Rows of one unit of work. */
const AT_ONCE = 1_000;

/** Fills an inbox, for somebody who has been away for long. */
export async function prepare({
  databaseUrl,
  email,
  rows,
}: SeedJob): Promise<() => Promise<{ rows: number }>> {
  const application = await embed(databaseUrl);
  const store = application.get(Store);
  const inbox = application.get(Inbox);
  const user = await application.get(UsersService).findByEmail(email);
  const owner = user?.id ?? 0;
  return async () => {
    for (let done = 0; done < rows; done += AT_ONCE) {
      await store.write(async (tx) => {
        for (let i = done; i < Math.min(rows, done + AT_ONCE); i++)
          tx.append(inbox, { owner, type: 'message', message: `Notification ${i} of many`, data: { i } });
        return Promise.resolve();
      });
    }
    if (store.read.connection.options.type === 'postgres') {
      // Autovacuum would do it within a minute; until then the planner takes the table for empty and sorts all of it.
      await store.write(({ manager }) => manager.query('analyze'));
    }
    await application.close();
    return { rows };
  };
}
