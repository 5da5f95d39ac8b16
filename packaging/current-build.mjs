import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * Builds, unless what is there was built from the same files: a second start must not build anew below a first one that
 * runs. Of several that find it old at the same time one builds, and the others wait for it.
 * @param {object} of
 * @param {readonly string[]} of.sources files and folders; one that isn't there counts as empty
 * @param {readonly string[]} of.outputs what is there after a build
 * @param {string} of.stamp the file that says from which sources it was built; the build may delete it
 * @param {string} of.lock a file that is there while somebody builds
 * @param {() => void | Promise<void>} of.build throws where it fails
 * @param {boolean} [of.always] builds in any case
 */
export async function ensureBuilt({ sources, outputs, stamp, lock, build, always = false }) {
  const isDone = () => !always && outputs.every((path) => existsSync(path)) && isCurrent(stamp, sources);
  if (isDone()) return;
  await taken(lock);
  try {
    if (isDone()) return;
    const before = fingerprintOf(sources);
    await build();
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, before);
  } finally {
    rmSync(lock, { force: true });
  }
}

function isCurrent(stamp, sources) {
  try {
    return readFileSync(stamp, 'utf8') === fingerprintOf(sources);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return false;
  }
}

/** Names, sizes and times: what was deleted counts too. */
function fingerprintOf(sources) {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources)
    for (const path of filesIn(source)) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    }
  return hash.digest('hex');
}

function filesIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesIn(join(path, name)));
}

/** Resolves when this process has the lock. One whose holder is gone is nobody's. */
async function taken(lock) {
  for (;;) {
    try {
      return writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else await setTimeout(100);
  }
}

function isAbandoned(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    // Between the making of the file and its first byte it has no holder yet.
    if (holder === 0) return Date.now() - statSync(lock).mtimeMs > 5_000;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
