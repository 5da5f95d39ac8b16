import { setTimeout as after } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { expect, it } from 'vitest';
import { limits } from '../limits.js';
import { SqliteLane } from './sqlite-lane.js';

/** A disk on which a COMMIT takes that long; nothing is written. */
function diskOf(commitMs: number): DataSource {
  const runner = {
    query: (sql: string) => (sql === 'COMMIT' ? after(commitMs) : Promise.resolve()),
  } as unknown as QueryRunner;
  return { createQueryRunner: () => runner } as DataSource;
}

it('lets as many units share a COMMIT as take as long as it does', async () => {
  const lane = new SqliteLane(diskOf(100), limits, fail, fail);
  let done = 0;
  const unit = async (): Promise<void> => {
    await after(5);
    done++;
  };
  await lane.write(unit, 'a');

  const all = Array.from({ length: 60 }, () => lane.write(unit, 'a'));
  await all[0];

  // The few that share one in any case would take a fifth of its time.
  expect(done).toBeGreaterThan(10);
  await Promise.all(all);
});

function fail(): void {
  throw new Error('Nothing was appended, and nothing is in doubt');
}
