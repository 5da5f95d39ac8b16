import { describe, expect, it } from 'vitest';
import { postgres } from '../databases.js';
import { countExpected, faultsOf } from './check.js';
import type { Deed, History } from './history.js';
import { simulateYear } from './year.js';

const HOUR = 3_600_000;
const start = Date.UTC(2027, 2, 28, 8);

describe('the checker of reminders', () => {
  const booked: Deed = { step: 1, at: start - 100 * HOUR, appointmentId: 7, startsAt: start };
  const moved: Deed = { step: 4, at: start - 10 * HOUR, appointmentId: 7, startsAt: start + HOUR };
  const told = (step: number, hoursBefore: number, offset: number, startsAt = start) => ({
    step,
    at: start - hoursBefore * HOUR,
    appointmentId: 7,
    startsAt,
    offset,
  });
  const right: History = {
    deeds: [booked, moved],
    looks: [
      { step: 3, at: start - 24 * HOUR },
      { step: 5, at: start - 2 * HOUR },
      { step: 6, at: start - HOUR },
    ],
    told: [told(3, 24, 1440), told(6, 1, 120, start + HOUR)],
    offsets: [1440, 120],
    noticeMs: HOUR / 4,
  };

  it('finds nothing where all is right', () => {
    expect([faultsOf(right), countExpected(right)]).toEqual([[], 2]);
  });

  it.each<[string, History, RegExp]>([
    ['a double claim', { ...right, told: [...right.told, right.told[0]!] }, /1440 minutes .* came 2 times/],
    [
      'a reminder of the old time',
      { ...right, told: [...right.told, told(5, 2, 120)] },
      /T08:00.* came when it wasn't so/,
    ],
    ['a lost replan', { ...right, told: right.told.slice(0, 1) }, /120 minutes .*T09:00.* never came/],
    ['one that is early', { ...right, told: [told(2, 25, 1440), right.told[1]!] }, /too early/],
    ['one after the start', { ...right, told: [...right.told, told(9, -2, 120)] }, /after the start/],
    [
      'one of what was cancelled',
      { ...right, deeds: [booked, { ...moved, startsAt: undefined }] },
      /T09:00.* came when it wasn't so/,
    ],
  ])('finds %s', (_, history, fault) => {
    expect(faultsOf(history)).toEqual([expect.stringMatching(fault)]);
  });
});

describe.skipIf(!postgres.isHere)(
  `a month of three nodes that are killed again and again, ${postgres.name}`,
  () => {
    it.each([
      ['Europe/Berlin', Date.UTC(2027, 2, 12)],
      ['America/New_York', Date.UTC(2027, 9, 20)],
      ['Australia/Lord_Howe', Date.UTC(2027, 2, 20)],
    ])(
      'in %s, over the change of its clock, reminds of all and of nothing untrue',
      async (zone, from) => {
        const database = await postgres.create();
        try {
          const { history, kills } = await simulateYear({
            databaseUrl: database.url,
            zone,
            from,
            days: 30,
            appointments: 40,
            seed: 17,
            killChance: 0.2,
          });

          expect(faultsOf(history)).toEqual([]);
          expect(countExpected(history)).toBeGreaterThan(20);
          expect(kills).toBeGreaterThan(20);
        } finally {
          await database.drop();
        }
      },
      120_000,
    );
  },
);
