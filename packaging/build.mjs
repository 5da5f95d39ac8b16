import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './current-build.mjs';

// `npm run build`: the server into dist/, the web client into dist-client/. With --if-changed, as `npm start` has it, only
// where a source has changed since.
try {
  await ensureBuilt({
    sources: [
      ...['src', 'migrations', 'client', 'ormconfig.ts', 'package.json', 'package-lock.json'],
      ...['nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'vite.config.ts'],
    ],
    outputs: ['dist/src/main.js', 'dist-client/index.html'],
    stamp: 'dist/src/built-from',
    lock: 'node_modules/.build-lock',
    build() {
      run('node_modules/@nestjs/cli/bin/nest.js', 'build');
      run('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn');
    },
    always: !process.argv.includes('--if-changed'),
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function run(...command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command.join(' ')} failed`);
}
