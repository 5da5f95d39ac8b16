import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { schema } from '../../../test/things.js';
import { limits } from '../limits.js';
import { Store } from './store.js';
import { sweep } from './sweep.js';

describe.skipIf(!postgres.isHere)(`a sweep on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let here: Store;
  let there: Store;

  beforeEach(async () => {
    database = await postgres.create();
    const open = () =>
      Store.open({ ...schema, databaseUrl: database.url, limits, logError: () => undefined });
    [here, there] = [await open(), await open()];
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    await database.drop();
  });

  it('is one node’s at a time, and no other’s work is in its way', async () => {
    let end = (): void => undefined;
    const begun = new Promise<void>((isBegun) => {
      void sweep(here, 'rooms', () => {
        isBegun();
        return new Promise((resolve) => (end = () => resolve(7)));
      });
    });
    await begun;

    expect(await sweep(there, 'rooms', () => Promise.resolve(3))).toBe(0);
    expect(await sweep(there, 'halls', () => Promise.resolve(3))).toBe(3);
    end();
    await expect.poll(() => sweep(there, 'rooms', () => Promise.resolve(3))).toBe(3);
  });
});
