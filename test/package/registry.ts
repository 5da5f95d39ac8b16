import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why nothing can be installed here; undefined where npm reaches its registry. */
export const noRegistry = await run('npm', ['view', 'rxjs', 'version', '--fetch-retries=0'], {
  timeout: 20_000,
}).then(
  () => undefined,
  () => 'npm doesn’t reach its registry',
);

/** For a title: the reason stands where the skipped tests are listed. */
export function fromRegistry(title: string): string {
  return noRegistry === undefined ? title : `${title} (skipped: ${noRegistry})`;
}

/** Runs lines of a shell as somebody would type them, but for what only costs time. */
export async function type(lines: string, folder: string): Promise<void> {
  const quick = {
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  await run('bash', ['-euc', lines], { cwd: folder, env: { ...process.env, ...quick } });
}
