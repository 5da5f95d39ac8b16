import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureBuilt } from '../../packaging/current-build.mjs';

// A build of a folder's `src` that takes a moment; each one leaves a line in `builds`.
const [folder, fails] = process.argv.slice(2);
await ensureBuilt({
  sources: [join(folder, 'src'), join(folder, 'package.json')],
  outputs: [join(folder, 'built')],
  stamp: join(folder, 'dist', 'built-from'),
  lock: join(folder, 'lock'),
  async build() {
    appendFileSync(join(folder, 'builds'), 'begun\n');
    await setTimeout(300);
    if (fails) throw new Error('It does not compile');
    appendFileSync(join(folder, 'builds'), 'built\n');
    writeFileSync(join(folder, 'built'), '');
  },
});
