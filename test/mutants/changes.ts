import { execFileSync } from 'node:child_process';

/** Lines that were added or changed, from 1, both inclusive. */
export interface Change {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** What this work tree changes in `src/library` since a commit, whether committed or not. */
export function changesSince(commit: string): Change[] {
  const changes: Change[] = [];
  let file = '';
  for (const line of git('diff', '--unified=0', '--diff-filter=d', commit, '--', 'src/library').split('\n')) {
    file = /^\+\+\+ b\/(.*)/.exec(line)?.[1] ?? file;
    const [, start, count = '1'] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (start === undefined || count === '0') continue;
    changes.push({ file, from: Number(start), to: Number(start) + Number(count) - 1 });
  }
  return changes;
}

/** Where this branch left another one. */
export function mergeBase(branch: string): string {
  return git('merge-base', branch, 'HEAD').trim();
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
