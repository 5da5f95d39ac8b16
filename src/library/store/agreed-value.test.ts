import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgreedValues1764310000000 } from '../../../migrations/1764310000000-agreed-values.js';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { agreedValue } from './agreed-value.js';
import { Store } from './store.js';

describe.each([sqlite, postgres])('a value that nodes agree on', (kind) => {
  describe.skipIf(!kind.isHere)(`in ${kind.name}`, () => {
    let database: FreshDatabase;
    let stores: Store[];

    beforeEach(async () => {
      database = await kind.create();
      const open = () =>
        Store.open({
          entities: [],
          migrations: [AgreedValues1764310000000],
          databaseUrl: database.url,
          limits,
          logError: () => undefined,
        });
      stores = await Promise.all([open(), open(), open()]);
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      await database.drop();
    });

    const ask = (store: Store, name: string) =>
      agreedValue(store, name, () => randomBytes(8).toString('hex'));

    it('is the same for all that ask at the same moment, and stays', async () => {
      const values = await Promise.all([...stores, ...stores].map((store) => ask(store, 'prefix')));
      const later = await ask(stores[0]!, 'prefix');

      expect(new Set([...values, later]).size).toBe(1);
    });

    it('is another one by another name', async () => {
      const [store] = stores;

      expect(await ask(store!, 'prefix')).not.toBe(await ask(store!, 'secret'));
    });
  });
});
