import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { libraryManifest } from './manifest.mjs';

// Before `npm pack`: builds the library, and puts its manifest in the place of the application's until `postpack`.
rmSync('lib', { recursive: true, force: true });
for (const project of ['tsconfig.lib.json', 'tsconfig.client-lib.json']) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' });
}
const manifest = libraryManifest(JSON.parse(readFileSync('package.json', 'utf8')));
renameSync('package.json', 'package.application.json');
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
