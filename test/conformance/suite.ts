import { describe, it } from 'vitest';
import { clauses } from './clauses.js';
import { checkClause, reasonToSkip } from './check.js';
import type { Transport } from './transport.js';

/** Every clause, with each of its versions, over one transport. */
export function describeTransport(transport: Transport): void {
  describe(`STOMP, ${transport.name}`, () => {
    for (const clause of clauses) {
      for (const version of clause.versions) {
        const title = `${version} ${clause.id}: ${clause.rule}`;
        const reason = reasonToSkip(clause, transport);
        if (reason === undefined) it(title, () => checkClause(clause, version, transport));
        else it.skip(`${title} (${reason})`, () => {});
      }
    }
  });
}
