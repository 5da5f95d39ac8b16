import { Inbox1735689600000 } from '../migrations/1735689600000-inbox.js';
import type { Schema } from './store/data-source.js';

/**
 * What the product's database is built from, for the application and for ormconfig.ts. The inbox has no entity:
 * it speaks SQL.
 */
export const schema = {
  entities: [],
  migrations: [Inbox1735689600000],
} satisfies Schema;
