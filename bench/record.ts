import { readFile, writeFile } from 'node:fs/promises';
import { report } from './report.js';
import type { Run } from './shape.js';

const RESULTS = 'bench/results/performance.json';
const FINDINGS = 'bench/findings.md';
const PAGE = 'docs/performance.md';

/** Puts runs in the place of earlier ones of the same shape, keeps the others, and writes the page anew. */
export async function record(runs: readonly Run[]): Promise<void> {
  const results = new Map((await recorded()).map((run) => [run.shape, run]));
  for (const run of runs) results.set(run.shape, run);

  const all = [...results.values()];
  await writeFile(RESULTS, `${JSON.stringify(all, undefined, 2)}\n`);
  const findings = await readFile(FINDINGS, 'utf8');
  await writeFile(PAGE, `${[introduction, ...all.map(report), findings.trim()].join('\n\n')}\n`);
}

async function recorded(): Promise<Run[]> {
  try {
    return JSON.parse(await readFile(RESULTS, 'utf8')) as Run[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const introduction = `# Performance

Written by \`npm run bench -- --record\` (the figures from \`bench/results/performance.json\`, the last part from
\`bench/findings.md\`): don't edit it. Every server is a process of its own, every load another one, on the loopback
interface; peers are measured in the same run, one after the other. The ratios say more than the absolute figures.

\`personal\`, \`patterns\`, \`sockjs\`, \`slow\` and \`jitter\` were measured once, at the commit that each names. Tests hold the
behaviour behind them, and the bench no longer has them.`;
