import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { rowsOf } from './rows.js';
import { Store } from './store.js';

describe.each([sqlite, postgres])('raw SQL', (kind) => {
  describe.skipIf(!kind.isHere)(`in ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;

    beforeAll(async () => {
      database = await kind.create();
      store = await Store.open({
        entities: [],
        migrations: [],
        databaseUrl: database.url,
        limits,
        logError: () => undefined,
      });
    });
    afterAll(async () => {
      await store.close();
      await database.drop();
    });

    it('has its parameters by their numbers, in whatever order it names them', async () => {
      const rows = await rowsOf(
        store.read,
        'select cast($3 as text) as c, cast($1 as text) as a, cast($3 as text) as again, cast($2 as text) as b',
        ['a', 'b', 'c'],
      );

      expect(rows).toEqual([{ a: 'a', b: 'b', c: 'c', again: 'c' }]);
    });
  });
});
