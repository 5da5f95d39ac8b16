import type { Clause } from './clause.js';
import { chapters, type Chapter } from './clauses.js';
import type { Transport } from './transport.js';

export type Verdict = 'obeyed' | 'violated' | { readonly skipped: string };

const signs = { obeyed: '✓', violated: '✗' } as const;

/** docs/conformance.md. @param verdicts by clause id, then by transport name */
export function pageOf(
  transports: readonly Transport[],
  verdicts: ReadonlyMap<string, ReadonlyMap<string, Verdict>>,
): string {
  const all = [...verdicts.values()].flatMap((byTransport) => [...byTransport.values()]);
  const reasons = [
    ...new Set(all.flatMap((verdict) => (typeof verdict === 'object' ? [verdict.skipped] : []))),
  ];
  const sign = (verdict: Verdict | undefined): string => {
    if (verdict === undefined) return '';
    return typeof verdict === 'object' ? `– ${letterOf(reasons.indexOf(verdict.skipped))}` : signs[verdict];
  };
  const numbers = transports.map((_, i) => String(i + 1));
  const tableOf = ({ title, clauses }: Chapter): string[] => [
    `## ${title}`,
    '',
    row(['clause', 'section', 'level', 'versions', 'rule', ...numbers]),
    row(Array.from({ length: 5 + numbers.length }, () => '---')),
    ...clauses.map((clause) =>
      row([...headCells(clause), ...transports.map(({ name }) => sign(verdicts.get(clause.id)?.get(name)))]),
    ),
    '',
  ];
  return [
    '# Conformance to STOMP 1.0, 1.1 and 1.2',
    '',
    'Every rule that the specifications have for a server, each checked with every version that it is a rule of and',
    'over every transport. `npm run conformance` checks them all and writes this page; `npm test` runs the same checks.',
    '',
    'Level is the word of the specification; `ours` is a decision of Carillon where it says nothing. Sections are those',
    'of STOMP 1.2 where no version stands before them.',
    '',
    'The columns:',
    '',
    ...transports.map(({ name }, i) => `${i + 1}. ${name}`),
    '',
    `✓ obeyed, ✗ violated. Not checked there, because`,
    '',
    ...reasons.map((reason, i) => `- ${letterOf(i)}: ${reason}`),
    '',
    ...chapters.flatMap(tableOf),
  ].join('\n');
}

/** What of a clause's row doesn't come from a run. */
export function headCells({ id, section, level, versions, rule }: Clause): string[] {
  return [`\`${id}\``, section, level, versions.join(', '), escaped(rule)];
}

/** The cells of each row about a clause, without padding and escapes. */
export function rowsIn(page: string): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1).map(plain));
}

/** A cell as it reads. */
export function plain(cell: string): string {
  return cell.replaceAll('\\', '').trim();
}

function letterOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\*_<>[\]`]/g, String.raw`\$&`);
}
