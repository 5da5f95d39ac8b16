import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `npm pack` reads. It changes the manifest for a moment, so it works on a copy. */
const sources = [
  'src',
  'client',
  'migrations',
  'packaging',
  'docs',
  'package.json',
  'tsconfig.json',
  'tsconfig.client-lib.json',
  'tsconfig.lib.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** The package as `npm pack` makes it, and a folder in which it is installed. */
export class Packed {
  private constructor(
    readonly root: string,
    /** The repository, in which packages can be made. */
    readonly copy: string,
    readonly tarball: string,
    /** Paths in the tarball. */
    readonly files: readonly string[],
  ) {}

  static async make(): Promise<Packed> {
    const root = await mkdtemp(join(tmpdir(), 'carillon-package-'));
    const copy = join(root, 'copy');
    await Promise.all(sources.map((path) => cp(path, join(copy, path), { recursive: true })));
    await symlink(resolve('node_modules'), join(copy, 'node_modules'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', root, '--silent'], {
      cwd: copy,
    });
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    if (!packed) throw new Error(`npm pack said nothing of a package: ${stdout}`);
    return new Packed(
      root,
      copy,
      join(root, packed.filename),
      packed.files.map(({ path }) => path),
    );
  }

  /**
   * A new project that has the package and what it asks for. No registry is asked: the others are links to the modules
   * of this project, the package itself is unpacked from its tarball.
   */
  async install(project: string, others: readonly string[]): Promise<string> {
    const folder = join(this.root, project);
    const home = join(folder, 'node_modules', 'carillon');
    await mkdir(home, { recursive: true });
    await run('tar', ['-xzf', this.tarball, '--strip-components=1', '-C', home]);
    for (const name of others) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(resolve('node_modules', name), link);
    }
    return folder;
  }

  /** The original manifest is back in its place. */
  async leftBehind(): Promise<string[]> {
    return (await readdir(this.copy)).filter((name) => name.startsWith('package'));
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
