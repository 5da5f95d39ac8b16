import type { EntitySchema, MigrationInterface } from 'typeorm';
import { Inbox1735689600000 } from '../migrations/1735689600000-inbox.js';

/** Every entity of the product. The inbox has none: it speaks SQL. */
export const entities: ((new () => object) | EntitySchema)[] = [];

/** Every migration, in the order in which they run; one for each room. */
export const migrations: (new () => MigrationInterface)[] = [Inbox1735689600000];
