import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stopServers } from '../server.js';
import { Random } from '../torture/random.js';
import { missedCounts } from './aims.js';
import { Attack } from './attack.js';
import { scenarios, trials } from './scenarios.js';

/** The short form of `npm run attack`: what is counted and what is given back, and no times. */
const SEED = 7;
const SECONDS = 2;

/** A node that stands still is found out by then; the rest is a machine whose cores are all busy. */
const PATIENCE_MS = 120_000;

afterAll(stopServers);

describe('a node with a stranger at work', () => {
  let attack: Attack;

  beforeAll(async () => {
    attack = await Attack.begin({ seed: SEED, seconds: SECONDS, heapMegabytes: 512 });
  });

  afterAll(() => attack.end());

  it.each(scenarios)(
    'refuses nobody else, and has all back afterwards ($name)',
    async (scenario) => {
      const outcome = await attack.perform(scenario);

      expect(missedCounts(outcome)).toEqual([]);
      // An attack that didn't come about proves nothing.
      expect(Math.min(outcome.during.done, outcome.spoils.sockets)).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});

describe('a node', () => {
  it.each(trials)(
    'is wrong in nothing that its neighbours or its settings bring about ($name)',
    async (trial) => {
      expect(await trial.run(new Random(SEED))).toEqual([]);
    },
    PATIENCE_MS,
  );
});
