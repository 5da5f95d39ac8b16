import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `npm run package` reads. It works on a copy, since several tests do so at a time. */
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

/** The package as `npm run package` makes it, and a folder in which it is installed. */
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
    const { stdout } = await run('npm', ['run', '--silent', 'package'], { cwd: copy });
    const tarball = stdout.trimEnd().split('\n').at(-1) ?? '';
    const listed = await run('tar', ['-tzf', tarball]);
    return new Packed(
      root,
      copy,
      tarball,
      listed.stdout
        .trimEnd()
        .split('\n')
        .map((path) => path.slice('package/'.length)),
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

  /** What the copy has at its top beside what was copied. */
  async added(): Promise<string[]> {
    const given: readonly string[] = [...sources, 'node_modules'];
    return (await readdir(this.copy)).filter((name) => !given.includes(name));
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
