import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Clause } from './clause.js';
import { clauses } from './clauses.js';
import { checkClause, reasonToSkip } from './check.js';
import { pageOf, type Verdict } from './page.js';
import type { Transport } from './transport.js';
import { transports } from './transports.js';

/** `npm run conformance`: checks every clause over every transport, and writes docs/conformance.md. */
const PAGE = 'docs/conformance.md';

const verdicts = new Map<string, Map<string, Verdict>>();
let violations = 0;
for (const clause of clauses) {
  const byTransport = new Map<string, Verdict>();
  for (const transport of transports) byTransport.set(transport.name, await verdictOn(clause, transport));
  verdicts.set(clause.id, byTransport);
}
const config = await resolveConfig(PAGE);
await writeFile(PAGE, await format(pageOf(transports, verdicts), { ...config, parser: 'markdown' }));
console.log(
  `${clauses.length} clauses over ${transports.length} transports, ${violations} violations: ${PAGE}`,
);
process.exit(violations > 0 ? 1 : 0);

async function verdictOn(clause: Clause, transport: Transport): Promise<Verdict> {
  const skipped = reasonToSkip(clause, transport);
  if (skipped !== undefined) return { skipped };
  try {
    for (const version of clause.versions) await checkClause(clause, version, transport);
    return 'obeyed';
  } catch (error) {
    violations++;
    console.error(`${clause.id}, ${transport.name}:`, error);
    return 'violated';
  }
}
