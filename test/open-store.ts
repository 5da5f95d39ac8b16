import { limits } from '../src/library/limits.js';
import { schema } from '../src/schema.js';
import { Store } from '../src/library/store/store.js';

/** A node that starts, and does no more: `tsx test/open-store.ts <database url>`. */
const store = await Store.open({
  ...schema,
  databaseUrl: process.argv[2] ?? '',
  limits,
  logError: (message, error) => {
    throw new Error(message, { cause: error });
  },
});
await store.close();
