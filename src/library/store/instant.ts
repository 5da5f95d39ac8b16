import type { ValueTransformer } from 'typeorm';

/**
 * A `Date` kept as milliseconds since the Unix epoch, for `@Column('bigint', { transformer: instant })`:
 * the one form that SQLite and PostgreSQL both store exactly, order and compare.
 */
export const instant: ValueTransformer = {
  to: (date: Date | null | undefined) => date?.getTime() ?? date,
  from: (ms: number | null) => (ms === null ? null : new Date(ms)),
};
