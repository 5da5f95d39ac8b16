import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { changesSince, mergeBase } from './changes.js';
import { isMutated, rooms } from './rooms.js';

/**
 * Changes the code in one place at a time, and names the changes that no test notices.
 *
 *     npm run mutants                                    the files that this branch changes
 *     npm run mutants -- --since HEAD~3 --short          the lines changed since a commit, within 90 seconds
 *     npm run mutants -- src/library/broker              files and folders
 *     npm run mutants -- --all --concurrency 1           every room of `rooms.ts`, with one process for the tests
 *
 * Exits with 1 where fewer than 90 % are noticed.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    since: { type: 'string' },
    short: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    concurrency: { type: 'string' },
  },
});

/** A line has a mutant and a half, and a mutant takes half a second: more lines don't fit in 90 seconds. */
const LINES_OF_SHORT_RUN = 60;

const inSandbox = [
  'src',
  'src/**',
  'migrations',
  'migrations/**',
  'test',
  'test/**',
  'ormconfig.ts',
  '*.json',
];

const targets = values.all ? rooms.map(({ path }) => path) : positionals.length > 0 ? positionals : changed();
const touched = rooms.filter((room) => targets.some((target) => target.startsWith(room.path)));
if (touched.length === 0) console.log('Nothing to mutate: rooms.ts says what is.');
else await run();

async function run(): Promise<void> {
  // Outside of the work tree, where no other tool takes the copy for the code.
  const sandbox = await mkdtemp(join(tmpdir(), 'mutants-'));
  try {
    await new Stryker({
      mutate: [...targets.map(globOf), '!**/*.test.ts'],
      testRunner: 'vitest',
      testFiles: [...new Set(touched.flatMap(({ tests }) => tests))],
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
      coverageAnalysis: 'perTest',
      // What runs when a module is loaded, such as a table: each would need all tests in a fresh process.
      ignoreStatic: true,
      ...(values.concurrency && { concurrency: Number(values.concurrency) }),
      tempDirName: sandbox,
      ignorePatterns: ['**', ...inSandbox.map((path) => `!${path}`)],
      disableTypeChecks: false,
      // Beside what its tests take: for ever is no longer than that.
      timeoutMS: 5_000,
      thresholds: { high: 95, low: 90, break: 90 },
      reporters: ['clear-text', 'progress-append-only'],
      clearTextReporter: { reportTests: false, logTests: false },
    }).runMutationTest();
  } finally {
    await rm(sandbox, { recursive: true, force: true });
  }
}

function changed(): string[] {
  const changes = changesSince(values.since ?? mergeBase('main')).filter(({ file }) => isMutated(file));
  if (!values.short) return [...new Set(changes.map(({ file }) => file))];

  const ranges: string[] = [];
  let lines = 0;
  for (const { file, from, to } of changes) {
    const last = Math.min(to, from + LINES_OF_SHORT_RUN - lines - 1);
    if (last >= from) ranges.push(`${file}:${from}-${last}`);
    lines += to - from + 1;
  }
  if (lines > LINES_OF_SHORT_RUN)
    console.log(
      `Only the first ${LINES_OF_SHORT_RUN} of ${lines} changed lines; without --short all of them.`,
    );
  return ranges;
}

function globOf(target: string): string {
  return /\.ts(:|$)/.test(target) ? target : `${target}/**/*.ts`;
}
