/// <reference lib="es2023.array" />
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Plugin } from 'vite';

const worker = 'service-worker.mjs';
const placeholder = 'const build = undefined;';

/** Tells the service worker which files the page is made of, and so of which version it is. */
export function offlineShell(): Plugin {
  let directory = '';
  return {
    name: 'offline-shell',
    apply: 'build',
    configResolved(config) {
      directory = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const names = await readdir(directory, { recursive: true });
      const files = names
        .filter((name) => /\.\w+$/.test(name) && !/\.(br|gz|html|mjs)$/.test(name))
        .toSorted();
      const version = createHash('sha256');
      for (const name of ['index.html', ...files]) version.update(await readFile(join(directory, name)));
      const build = {
        version: version.digest('base64url').slice(0, 12),
        files: files.map((name) => `./${name.replaceAll(sep, '/')}`),
      };
      const path = join(directory, worker);
      const code = await readFile(path, 'utf8');
      if (!code.includes(placeholder)) throw new Error(`${worker} has no place for the files.`);
      await writeFile(path, code.replace(placeholder, `const build = ${JSON.stringify(build)};`));
    },
  };
}
