import { afterAll, describe, expect, it } from 'vitest';
import { postgres, sqlite } from '../databases.js';
import { stopServers } from '../server.js';
import { ownRabbitmq, ownRedis } from '../engines.js';
import { victims } from './nemesis.js';
import { plants, type PlantKind } from './plant.js';
import { torture } from './torture.js';

/** A start takes seconds where all cores are busy, and every kill is one. */
const PATIENCE_MS = 180_000;

afterAll(stopServers);

describe.each([sqlite, postgres])(
  'a server on $name that is killed, behind a network that is cut',
  (kind) => {
    it.skipIf(!kind.isHere)(
      'keeps what it acknowledged, and each client gets each message once, in order',
      async () => {
        const database = await kind.create();
        try {
          const outcome = await torture({ seconds: 10, seed: 7, databaseUrl: database.url });

          expect(outcome.faults).toEqual([]);
          const { strikes, cuts, torn, verdicts, heard, deliveries } = outcome.tally;
          const acknowledged = outcome.history.writes.filter(({ answer }) => answer === 'acknowledged');
          // A run in which nothing happened proves nothing.
          const happened = [strikes.of('node killed'), cuts, torn, verdicts.of('complete'), heard];
          happened.push(deliveries.of('first'), deliveries.of('again'), acknowledged.length);
          expect(Math.min(...happened)).toBeGreaterThan(0);
        } finally {
          await database.drop();
        }
      },
      PATIENCE_MS,
    );
  },
);

describe.each([
  { name: postgres.name, isHere: true, start: undefined },
  { name: ownRedis.name, isHere: ownRedis.isHere, start: () => ownRedis.start() },
  { name: ownRabbitmq.name, isHere: ownRabbitmq.isHere, start: () => ownRabbitmq.start() },
])('three nodes that are joined by $name', ({ isHere, start }) => {
  it.skipIf(!isHere || !postgres.isHere)(
    'keep their word, whatever is killed or cut',
    async () => {
      const database = await postgres.create();
      const engine = await start?.();
      try {
        const outcome = await torture({
          seconds: 15,
          seed: 7,
          nodes: 3,
          engine,
          relayUrl: engine?.url ?? database.url,
          databaseUrl: database.url,
          victims: engine ? victims : victims.filter((victim) => victim !== 'engine'),
        });

        expect(outcome.faults).toEqual([]);
        const { strikes, verdicts, heard, deliveries } = outcome.tally;
        const struck = Object.values(strikes.all).reduce((sum, count) => sum + count, 0);
        expect(Math.min(struck, verdicts.of('complete'), heard, deliveries.of('first'))).toBeGreaterThan(0);
      } finally {
        await database.drop();
        await engine?.end();
      }
    },
    PATIENCE_MS,
  );
});

describe('the torture', () => {
  it(
    'finds each fault that is planted, once',
    async () => {
      const kinds = Object.keys(plants) as PlantKind[];

      const { faults } = await torture({ seconds: 4, seed: 7, plants: kinds });

      expect(faults.map(({ kind }) => kind).toSorted()).toEqual(Object.values(plants).toSorted());
    },
    PATIENCE_MS,
  );
});
