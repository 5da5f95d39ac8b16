import { readFile, writeFile } from 'node:fs/promises';

const PAGE = 'docs/hardening.md';
const BEGIN = '<!-- attack: begin -->';
const END = '<!-- attack: end -->';

/** Puts a table in the place of the last one. @throws {Error} where the page has no place for it */
export async function record(table: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end === -1) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
  await writeFile(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`);
}
