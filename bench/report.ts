import type { Row, Run, Table } from './shape.js';

/** A run as Markdown, which reads well in a terminal too. */
export function report(run: Run): string {
  const { machine } = run;
  return [
    `## ${run.shape}`,
    run.about,
    ...(run.aims.length > 0 ? [`Aims: ${run.aims.join('; ')}.`] : []),
    ...run.tables.map(markdown),
    run.remarks.map((remark) => `- ${remark}`).join('\n'),
    `_${machine.cpu}, ${machine.cores} cores for servers and load together, ${machine.memoryGib} GiB, ` +
      `${machine.system}, Node ${machine.node}, commit ${machine.commit}; ${run.seconds} s a measurement` +
      `${run.repeat > 1 ? `, the median of ${run.repeat}` : ''}; load average before: ${run.loadBefore}._`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A table as Markdown, its columns aligned. */
export function markdown({ title, rows }: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => cell(row, column)))];
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((line) => line[i]?.length ?? 0)));
  const [head = [], ...body] = cells.map(
    (line) =>
      `| ${line.map((text, i) => pad(text, widths[i] ?? 0, isNumeric(rows, columns[i]))).join(' | ')} |`,
  );
  const rule = `|${columns.map((column, i) => ruled(widths[i] ?? 0, isNumeric(rows, column))).join('|')}|`;
  return [`**${title}**\n`, head, rule, ...body].join('\n');
}

function cell(row: Row, column: string): string {
  const value = row[column] ?? '';
  return typeof value === 'number' ? number(value) : value;
}

/** Three digits that count; nobody can measure more here. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

function pad(text: string, width: number, isRight: boolean): string {
  return isRight ? text.padStart(width) : text.padEnd(width);
}

function ruled(width: number, isRight: boolean): string {
  return isRight ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2);
}

function isNumeric(rows: readonly Row[], column: string | undefined): boolean {
  return column !== undefined && rows.every((row) => typeof row[column] === 'number');
}
