import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

// `npm run package`: compiles the library into a folder of its own, puts its manifest and its documents beside it, packs
// that folder, and prints the path of the tarball. Nothing else changes, so there is nothing to undo if it fails.
const folder = resolve('dist-package');

rmSync(folder, { recursive: true, force: true });
for (const project of ['tsconfig.lib.json', 'tsconfig.client-lib.json']) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' });
}

cpSync('src/library/package.json', join(folder, 'package.json'));
for (const document of [
  ...['README.md', 'CHANGELOG.md', 'LICENSE'],
  ...['docs/errors.md', 'docs/from-spring.md', 'docs/guide.md'],
]) {
  cpSync(document, join(folder, document));
}

const tarball = execFileSync('npm', ['pack', '--silent'], { cwd: folder, encoding: 'utf8' }).trim();
process.stdout.write(`${join(folder, tarball)}\n`);
