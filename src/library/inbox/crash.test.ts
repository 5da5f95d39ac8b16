import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { schema } from '../../schema.js';
import { Store } from '../store/store.js';
import { Inbox } from './inbox.js';

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`a process killed while it writes to ${kind.name}`, () => {
    let database: FreshDatabase;

    beforeEach(async () => {
      database = await kind.create();
    });

    afterEach(async () => {
      await database.drop();
    });

    it('leaves every row that was answered, and numbers without holes', { timeout: 60_000 }, async () => {
      const answered = await writeUntilKilled(database.url, 500);

      const store = await Store.open({
        ...schema,
        databaseUrl: database.url,
        limits,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
      const inbox = new Inbox(store);
      for (const [owner, seqs] of answered) {
        const rows = await inbox.list({ owner, filter: 'all', after: 0, limit: 100_000 });
        const { seq: head } = await inbox.head(owner);
        expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
        expect(Math.max(...seqs)).toBeLessThanOrEqual(head);
      }
      await store.close();
    });
  });
}

/** @returns what a process said was stored, by owner, until it was killed after `count` lines */
async function writeUntilKilled(url: string, count: number): Promise<Map<number, number[]>> {
  const program = fileURLToPath(new URL('../../../test/write-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const answered = new Map<number, number[]>();
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /^(\d+) (\d+)$/.exec(line);
    // The kill may have cut the last line.
    if (!match) continue;
    const [owner, seq] = [Number(match[1]), Number(match[2])];
    answered.set(owner, [...(answered.get(owner) ?? []), seq]);
    if (++lines === count) child.kill('SIGKILL');
  }
  await exited;
  return answered;
}
