import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { Schedule, type Recurring } from './schedule.js';

let clock: FakeClock;
let runs: Run[];
let failures: unknown[];

/** One that is under way until the test ends it. */
interface Run {
  readonly at: number;
  readonly end: (error?: Error) => void;
}

beforeEach(() => {
  clock = new FakeClock();
  [runs, failures] = [[], []];
});

describe('a schedule', () => {
  it('runs after each interval, and counts it from the end of a run', async () => {
    scheduled().start();

    clock.pass(999);
    expect(runs).toHaveLength(0);
    clock.pass(1);
    expect(runs).toHaveLength(1);
    clock.pass(5_000);
    expect(runs).toHaveLength(1);

    await finish();
    clock.pass(1_000);
    expect(startsOfRuns()).toEqual([1_000, 7_000]);
  });

  it('adds up to a tenth of the interval', async () => {
    const shares = [0.5, 0.99];
    scheduled({}, () => shares.shift() ?? 0).start();

    await passTo(1_050);
    await finish();
    await passTo(2_149);
    await finish();
    await passTo(3_149);

    expect(startsOfRuns()).toEqual([1_050, 2_149, 3_149]);
  });

  it('goes on after a failure, which it reports unless the run before failed too', async () => {
    scheduled({ retryMs: 100 }).start();

    clock.pass(1_000);
    await finish(new Error('first'));
    clock.pass(100);
    await finish(new Error('second'));
    clock.pass(100);
    await finish();
    clock.pass(1_000);
    await finish(new Error('third'));

    expect(startsOfRuns()).toEqual([1_000, 1_100, 1_200, 2_200]);
    expect(failures).toEqual([new Error('first'), new Error('third')]);
  });

  it('takes work that throws at once for work that failed', async () => {
    let calls = 0;
    const work = (): never => {
      calls += 1;
      throw new Error('at once');
    };
    scheduled({ work }).start();

    await passTo(1_000);
    await passTo(2_000);

    expect([calls, failures]).toEqual([2, [new Error('at once')]]);
  });

  it('started now runs when the event loop has gone round, once for several starts', () => {
    const schedule = scheduled();
    schedule.startNow();
    schedule.startNow();
    expect(runs).toHaveLength(0);

    clock.pass(0);

    expect(runs).toHaveLength(1);
  });

  it('that is idle when a run is due rests until it is started again', async () => {
    let isIdle = false;
    const schedule = scheduled({ isIdle: () => isIdle });
    schedule.startNow();
    clock.pass(0);
    await finish();

    isIdle = true;
    clock.pass(10_000);
    expect([runs.length, clock.pending]).toEqual([1, 0]);

    isIdle = false;
    schedule.startNow();
    clock.pass(0);
    expect(runs).toHaveLength(2);
  });

  it('that has work again before it is due keeps its interval', async () => {
    const schedule = scheduled();
    schedule.startNow();
    clock.pass(0);
    await finish();

    clock.pass(400);
    schedule.startNow();
    clock.pass(599);
    expect(runs).toHaveLength(1);
    clock.pass(1);
    expect(runs).toHaveLength(2);
  });

  it('that is stopped has no timer, runs no more and is not started again', () => {
    const [waiting, due] = [scheduled(), scheduled()];
    waiting.start();
    due.startNow();

    for (const schedule of [waiting, due]) {
      schedule.stop();
      schedule.start();
      schedule.startNow();
    }
    clock.pass(10_000);

    expect([runs.length, clock.pending]).toEqual([0, 0]);
  });

  it('that is stopped leaves its run to itself, and does not report its failure', async () => {
    const schedule = scheduled();
    schedule.startNow();
    clock.pass(0);

    schedule.stop();
    expect(schedule.isStopped).toBe(true);
    await finish(new Error('the database is closed'));
    clock.pass(10_000);

    expect([runs.length, failures, clock.pending]).toEqual([1, [], 0]);
  });
});

function scheduled(more: Partial<Recurring> = {}, random = () => 0): Schedule {
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      runs.push({ at: clock.monotonic(), end: (error) => (error ? reject(error) : resolve()) });
    });
  return new Schedule(
    { work, everyMs: 1_000, failed: (error) => failures.push(error), ...more },
    clock,
    random,
  );
}

/** Ends the run that is under way. */
async function finish(error?: Error): Promise<void> {
  runs.at(-1)?.end(error);
  await setImmediate();
}

async function passTo(moment: number): Promise<void> {
  clock.pass(moment - clock.monotonic());
  await setImmediate();
}

function startsOfRuns(): number[] {
  return runs.map(({ at }) => at);
}
