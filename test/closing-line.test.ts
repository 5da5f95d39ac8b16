import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'carillon-closing-line-'));
  await symlink(resolve('node_modules'), join(directory, 'node_modules'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('a test run', () => {
  it('ends with what passed, failed and was skipped, after the reason of each skip', async () => {
    const { code, output } = await runOf(`
      it('works', () => {});
      it.skip('sends mail (no mail server)', () => {});
      it('asks the moon', (context) => context.skip('it is day'));
    `);

    expect(output.trimEnd().split('\n').slice(-3)).toEqual([
      'skipped: sends mail (no mail server): no mail server',
      'skipped: asks the moon: it is day',
      '1 passed, 0 failed, 2 skipped',
    ]);
    expect(code).toBe(0);
  });

  it('names a reason once, and what has failed last', async () => {
    const { output } = await runOf(`
      it('breaks', () => { throw new Error('too much\\nof it'); });
      it.skip('rings (no bell)', () => {});
      it.skip('chimes (no bell)', () => {});
    `);

    expect(output.trimEnd().split('\n').slice(-3)).toEqual([
      'skipped: rings (no bell) (and 1 more): no bell',
      'failed: some.test.js > breaks: too much',
      '0 passed, 1 failed, 2 skipped',
    ]);
  });

  it('names what passed at its second try only', async () => {
    const { code, output } = await runOf(
      `let tries = 0; it('settles', () => { if (++tries === 1) throw new Error('too early'); });`,
      '--retry=1',
    );

    expect(output.trimEnd().split('\n').slice(-2)).toEqual([
      'flaky: some.test.js > settles: too early',
      '1 passed, 0 failed, 0 skipped',
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [
      'a skip without a reason',
      `it('works', () => {}); it.skip('silent', () => {});`,
      '1 passed, 1 failed, 0 skipped',
    ],
    ['a test that fails', `it('breaks', () => { throw new Error('x'); });`, '0 passed, 1 failed, 0 skipped'],
    ['a file that does not load', `throw new Error('x');`, '0 passed, 1 failed, 0 skipped'],
    ['a file without tests', '', '0 passed, 1 failed, 0 skipped'],
    [
      'an error outside of tests',
      `it('works', () => { void Promise.reject(new Error('x')); });`,
      '1 passed, 1 failed, 0 skipped',
    ],
  ])('fails by %s', async (_what, tests, line) => {
    const { code, output } = await runOf(tests);

    expect(output.trimEnd().split('\n').at(-1)).toBe(line);
    expect(code).toBe(1);
  });

  it('without any file has failed', async () => {
    const { code, output } = await run();

    expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
    expect(code).toBe(1);
  });

  it('of some tests by name owes no reason for the others', async () => {
    const { code, output } = await runOf(
      `it('works', () => {}); it('is left out', () => {});`,
      '-t',
      'works',
    );

    expect(output.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed, 1 skipped');
    expect(code).toBe(0);
  });
});

async function runOf(tests: string, ...parameters: string[]): ReturnType<typeof run> {
  await writeFile(join(directory, 'some.test.js'), `import { it } from 'vitest';\n${tests}`);
  return run(...parameters);
}

async function run(...parameters: string[]): Promise<{ code: number | null; output: string }> {
  const reporter = resolve('test/closing-line.ts');
  const child = spawn(
    process.execPath,
    [
      resolve('node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      directory,
      '--reporter',
      'default',
      '--reporter',
      reporter,
      ...parameters,
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
