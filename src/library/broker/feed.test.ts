import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryReader } from '../testing/memory-reader.js';
import { ADDRESS, PatientLog } from '../testing/patient-log.js';
import { cursorOf } from './cursor.js';
import { Feeds } from './feeds.js';
import type { Log } from './log.js';
import type { Message } from './message.js';

function feeds(log: Log): Feeds {
  const onFault = (error: unknown): never => expect.fail(String(error));
  return new Feeds(() => log, new FakeClock(), { ...limits, feedPageMessages: 3 }, onFault);
}

describe('a reader who comes back', () => {
  async function follow(log: PatientLog, since: string): Promise<MemoryReader> {
    const reader = new MemoryReader();
    const following = feeds(log).follow(ADDRESS, since);
    await log.answerAll();
    await following.opened;
    following.start(reader);
    await log.answerAll();
    return reader;
  }

  it('is told the verdict first, then gets what he missed, marked as replayed', async () => {
    const log = new PatientLog();
    for (let i = 0; i < 5; i++) log.append();

    const reader = await follow(log, 'e:2');

    expect(reader.messages[0]?.headers.get('event-type')).toBe('resume');
    expect(reader.messages[0]?.position).toEqual({ epoch: 'e', seq: 2 });
    expect(reader.verdicts).toEqual([{ verdict: 'complete', from: 'e:2', to: 'e:5', earliest: 'e:0' }]);
    expect(reader.rows).toEqual([3, 4, 5]);
    expect(reader.messages.slice(1).map(({ headers }) => headers.get('replayed'))).toEqual([
      'true',
      'true',
      'true',
    ]);
  });

  it('gets all there is with earliest', async () => {
    const log = new PatientLog();
    for (let i = 0; i < 5; i++) log.append();
    log.earliest = 2;

    const reader = await follow(log, 'earliest');

    expect(reader.verdicts).toMatchObject([{ verdict: 'complete', earliest: 'e:2' }]);
    expect(reader.rows).toEqual([3, 4, 5]);
  });

  it.each([
    ['f:2', 'unknown_epoch', 'e:5'],
    ['e:1', 'pruned', 'e:5'],
    ['nonsense', 'malformed', 'e:5'],
    ['e:6', 'ahead', 'e+:5'],
  ])('with %s is told to reload, %s, and goes on live from the head', async (since, reason, to) => {
    const log = new PatientLog();
    for (let i = 0; i < 5; i++) log.append();
    log.earliest = 2;

    const reader = await follow(log, since);

    expect(reader.verdicts).toMatchObject([{ verdict: 'reset', reason, from: since, to }]);
    expect(cursorOf(reader.messages[0]!.position!)).toBe(to);
    expect(reader.rows).toEqual([]);
  });
});

describe('a live reader', () => {
  it('gets the next number at once and reads what he did not hear of', async () => {
    const log = new PatientLog();
    const all = feeds(log);
    const reader = new MemoryReader();
    const following = all.follow(ADDRESS, undefined);
    await log.answerAll();
    following.start(reader);

    all.publish(log.append());
    expect(reader.rows).toEqual([1]);
    log.append();
    log.append();
    all.publish(log.append());
    await log.answerAll();

    expect(reader.rows).toEqual([1, 2, 3, 4]);
    expect(reader.verdicts).toEqual([]);
  });

  it('whose rows were pruned before he read them is told so, and is live from the head', async () => {
    const log = new PatientLog();
    const all = feeds(log);
    const reader = new MemoryReader();
    const following = all.follow(ADDRESS, undefined);
    await log.answerAll();
    following.start(reader);
    reader.makeCapacity(0);
    for (let i = 0; i < 5; i++) all.publish(log.append());
    log.earliest = 3;

    reader.makeCapacity(Infinity);
    await log.answerAll();
    all.publish(log.append());

    expect(reader.verdicts).toMatchObject([{ verdict: 'reset', reason: 'pruned', from: 'e:0', to: 'e:5' }]);
    expect(reader.rows).toEqual([6]);
  });
});

describe('rows that are pruned while somebody reads', () => {
  it.each<[string, number[], number[], string]>([
    ['in the middle of a page', [2], [1], 'e:1'],
    ['at its start', [4], [1, 2, 3], 'e:3'],
    ['up to the head', [4, 5, 6], [1, 2, 3], 'e:3'],
  ])('%s are no silent gap: he is told to reload', async (_, pruned, had, from) => {
    const log = new PatientLog();
    for (let i = 0; i < 6; i++) log.append();
    const all = feeds(log);
    const reader = new MemoryReader();
    const following = all.follow(ADDRESS, 'e:0');
    await log.answer();
    pruned.forEach((seq) => log.pruned.add(seq));
    following.start(reader);
    await log.answerAll();
    all.publish(log.append());

    expect(reader.verdicts).toMatchObject([
      { verdict: 'complete' },
      { verdict: 'reset', reason: 'pruned', from, to: 'e:6' },
    ]);
    expect(reader.rows).toEqual([...had, 7]);
  });
});

describe('any interleaving of commits, publishes, lost publishes, pages and a slow reader', () => {
  const step = fc.constantFrom(
    'commit',
    'commit and publish',
    'publish late',
    'answer',
    'no room',
    'one place',
    'room',
  );

  it('gives each row once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.nat(5),
        fc.boolean(),
        async (steps, before, resumes) => {
          const log = new PatientLog();
          const all = feeds(log);
          for (let i = 0; i < before; i++) log.append();
          const reader = new MemoryReader();
          const late: Message[] = [];
          let hasStarted = false;
          const following = all.follow(ADDRESS, resumes ? 'e:0' : undefined);
          void following.opened.then(() => {
            following.start(reader);
            hasStarted = true;
          });

          for (const one of steps) {
            if (one === 'commit') late.push(log.append());
            else if (one === 'commit and publish') all.publish(log.append());
            else if (one === 'publish late') {
              const message = late.pop();
              if (message) all.publish(message);
            } else if (one === 'answer') await log.answer();
            else reader.makeCapacity({ 'no room': 0, 'one place': 1, room: Infinity }[one]);
          }
          reader.makeCapacity(Infinity);
          await log.answerAll();
          // What was heard of last has to arrive, whatever was lost before it.
          all.publish(log.append());
          await log.answerAll();

          expect([hasStarted, reader.overruns]).toEqual([true, 0]);
          const first = reader.rows[0] ?? 1;
          expect(reader.rows).toEqual(log.rows.slice(first - 1).map(({ position }) => position.seq));
          expect(resumes ? first : 1).toBe(1);
        },
      ),
      runs(400),
    );
  });
});
