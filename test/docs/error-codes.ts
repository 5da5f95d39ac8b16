import type { Answer } from '../../src/library/errors.js';

export const PAGE = 'docs/errors.md';

type Table = Readonly<Record<string, Answer>>;

/** docs/errors.md with the first columns of its two tables as they are in the code; the columns in words stay. */
export function pageWith(page: string, codes: Table): string {
  const [connection = '', http = ''] = page.split(OVER_HTTP);
  const closing = Object.entries(codes).flatMap(([code, { close, retryable }]) =>
    close === undefined ? [] : [[named(code), retryable ? 'yes' : 'no', String(close)]],
  );
  const answered = Object.entries(codes)
    .flatMap(([code, { status }]) => (status === undefined ? [] : [{ code, status }]))
    .toSorted((one, other) => one.status - other.status)
    .map(({ code, status }) => [named(code), String(status)]);
  return withRows(connection, closing) + OVER_HTTP + withRows(http, answered);
}

/** The rows of the page that have no words: nobody has said yet what the code means. */
export function silentRows(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => isRow(line) && !/[a-z]{2,}.* [a-z]{2,}/.test(cellsOf(line).slice(2).join(' ')));
}

const OVER_HTTP = '## Over HTTP';

function withRows(part: string, rows: readonly (readonly string[])[]): string {
  const lines = part.split('\n');
  const start = lines.findIndex(isRow);
  const count = lines.filter(isRow).length;
  const said = new Map(lines.filter(isRow).map((line) => [cellsOf(line)[0], cellsOf(line)]));
  const written = rows.map((head) => {
    const words = (said.get(head[0]) ?? []).slice(head.length);
    return `| ${[...head, ...words].join(' | ')} |`.replaceAll('|  |', '| |');
  });
  return [...lines.slice(0, start), ...written, ...lines.slice(start + count)].join('\n');
}

function isRow(line: string): boolean {
  return line.startsWith('| `');
}

function cellsOf(row: string): string[] {
  return row
    .slice(1, -1)
    .split(' | ')
    .map((cell) => cell.trim());
}

function named(code: string): string {
  return `\`${code}\``;
}
