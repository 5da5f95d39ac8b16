import { afterAll, describe, expect, it } from 'vitest';
import { postgres, sqlite } from '../databases.js';
import { stopServers } from '../server.js';
import { faultKinds } from './check.js';
import { torture } from './torture.js';

/** A start takes seconds where all cores are busy, and every kill is one. */
const PATIENCE_MS = 180_000;

afterAll(stopServers);

describe.each([sqlite, postgres])(
  'a server on $name that is killed, behind a network that is cut',
  (kind) => {
    it.skipIf(!kind.isHere)(
      'keeps what it acknowledged, and each reader gets each notification once, in order',
      async () => {
        const database = await kind.create();
        try {
          const outcome = await torture({ seconds: 10, seed: 7, databaseUrl: database.url });

          expect(outcome.faults).toEqual([]);
          const { kills, cuts, torn, verdicts } = outcome.tally;
          const acknowledged = outcome.history.writes.filter(({ answer }) => answer === 'acknowledged');
          // A run in which nothing happened proves nothing.
          expect(Math.min(kills, cuts, torn, verdicts.of('complete'), acknowledged.length)).toBeGreaterThan(
            0,
          );
        } finally {
          await database.drop();
        }
      },
      PATIENCE_MS,
    );
  },
);

describe('the torture', () => {
  it(
    'finds each fault that is planted, once',
    async () => {
      const { faults } = await torture({ seconds: 2, seed: 7, plants: faultKinds });

      expect(faults.map(({ kind }) => kind).toSorted()).toEqual(faultKinds.toSorted());
    },
    PATIENCE_MS,
  );
});
