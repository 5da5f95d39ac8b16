import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe('the build before a start', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-build-'));
    await mkdir(join(folder, 'src', 'room'), { recursive: true });
    await writeFile(join(folder, 'src', 'room', 'a.ts'), 'a');
    await writeFile(join(folder, 'src', 'b.ts'), 'b');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** @returns the exit status */
  async function build(...parameters: readonly string[]): Promise<number> {
    const child = spawn(process.execPath, ['test/process/build-once.mjs', folder, ...parameters], {
      stdio: 'ignore',
    });
    const [status] = (await once(child, 'exit')) as [number];
    return status;
  }

  const builds = async () => (await readFile(join(folder, 'builds'), 'utf8')).trimEnd().split('\n');

  it('is done once for all that start at the same time, and not again', async () => {
    expect(await Promise.all([build(), build(), build()])).toEqual([0, 0, 0]);
    expect(await build()).toBe(0);

    expect(await builds()).toEqual(['begun', 'built']);
  });

  it.each([
    ['changed', () => writeFile(join(folder, 'src', 'room', 'a.ts'), 'another')],
    ['added', () => writeFile(join(folder, 'package.json'), '{}')],
    ['deleted', () => rm(join(folder, 'src', 'b.ts'))],
    ['kept, and what was built deleted', () => rm(join(folder, 'built'))],
  ])('is done again when a source was %s', async (_, change) => {
    await build();
    await change();
    await build();

    expect(await builds()).toEqual(['begun', 'built', 'begun', 'built']);
  });

  it('that failed is tried again', async () => {
    expect(await build('fails')).toBe(1);
    expect(await build()).toBe(0);

    expect(await builds()).toEqual(['begun', 'begun', 'built']);
  });

  it('goes on after somebody who was killed while they built', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    await writeFile(join(folder, 'lock'), String(gone.pid));

    expect(await build()).toBe(0);
    expect(await builds()).toEqual(['begun', 'built']);
  });
});
