import type { EntityManager } from 'typeorm';
import type { Appendable, Appended } from './transaction.js';

/** A draft that waits for the end of its transaction. */
export interface Append {
  readonly to: Appendable<unknown, unknown>;
  readonly draft: unknown;
  afterCommit?(row: unknown, outcome: 'added' | 'known'): void;
}

/** Numbers and inserts drafts, those of one appendable together; the answers keep the drafts' order. */
export async function insertAppends(
  manager: EntityManager,
  appends: readonly Append[],
): Promise<Map<Append, Appended<unknown>>> {
  const answers = new Map<Append, Appended<unknown>>();
  for (const to of new Set(appends.map((append) => append.to))) {
    const group = appends.filter((append) => append.to === to);
    const rows = await to.append(
      manager,
      group.map(({ draft }) => draft),
    );
    for (const [i, append] of group.entries()) {
      const answer = rows[i];
      if (!answer) throw new Error(`${group.length} drafts were appended, ${rows.length} answered`);
      answers.set(append, answer);
    }
  }
  return answers;
}
