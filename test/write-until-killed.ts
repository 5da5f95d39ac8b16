import { Inbox } from '../src/library/inbox/inbox.js';
import { limits } from '../src/library/limits.js';
import { schema } from '../src/schema.js';
import { Store } from '../src/library/store/store.js';

/**
 * Appends to ten inboxes as fast as it can, and prints `owner seq` for each row as soon as its write has answered:
 * `tsx test/write-until-killed.ts <database url>`.
 */
const store = await Store.open({
  ...schema,
  databaseUrl: process.argv[2] ?? '',
  limits,
  logError: (message, error) => {
    throw new Error(message, { cause: error });
  },
});
const inbox = new Inbox(store);
await store.write(async (tx) => {
  for (let owner = 1; owner <= 10; owner++) await inbox.open(tx, owner);
});
await Promise.all(Array.from({ length: 40 }, (_, i) => writeForEver((i % 10) + 1)));

async function writeForEver(owner: number): Promise<never> {
  for (;;) {
    let seq = 0;
    await store.write(async (tx) =>
      tx.append(inbox, { owner, type: 'message', message: 'still here', data: {} }, (row) => {
        seq = row.seq;
      }),
    );
    process.stdout.write(`${owner} ${seq}\n`);
  }
}
