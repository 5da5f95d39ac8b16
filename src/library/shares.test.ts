import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shares, type SharesOptions, type Waiting } from './shares.js';

describe('shares', () => {
  it('begin work before they return, where a place is free', () => {
    const { take, begun } = sharesOf({ places: 2 });

    expect(take('a', 1)).toBe('begun');
    expect(take('a', 2)).toBe('begun');
    expect(take('a', 3)).not.toBe('begun');
    expect(begun).toEqual([1, 2]);
  });

  it('give each key its turn, however much another one brings', () => {
    const { take, begun, end } = sharesOf({ places: 1 });
    for (let i = 1; i <= 5; i++) take('greedy', i);
    take('b', 10);
    take('c', 20);
    take('b', 11);

    for (const work of [1, 2, 10, 20, 3, 11, 4]) end(work);

    expect(begun).toEqual([1, 2, 10, 20, 3, 11, 4, 5]);
  });

  it('give no key more than its places, and others the rest', () => {
    const { take, begun, end } = sharesOf({ places: 3, placesPerKey: 1 });

    take('a', 1);
    take('a', 2);
    take('b', 10);
    expect(begun).toEqual([1, 10]);

    end(10);
    expect(begun).toEqual([1, 10]);
    end(1);
    expect(begun).toEqual([1, 10, 2]);
  });

  it('drop at once what nobody waits for any more, so that its room is free', () => {
    const { take, begun, end, shares } = sharesOf({ places: 1, waiting: 1 });
    take('a', 1);
    const second = take('b', 2) as Waiting;
    expect(take('c', 3)).toBe('refused');

    second.leave();
    second.leave();
    expect(take('c', 3)).not.toBe('refused');
    end(1);

    expect(begun).toEqual([1, 3]);
    expect(shares.waiting).toBe(0);
  });

  it('take no notice of one who leaves after the beginning', () => {
    const { take, end, shares } = sharesOf({ places: 1 });
    take('a', 1);
    const second = take('a', 2) as Waiting;

    end(1);
    second.leave();

    expect(shares).toMatchObject({ running: 1, waiting: 0, keys: 1 });
  });

  it('refuse what is over the bound of all, and of one key', () => {
    const { take } = sharesOf({ places: 1, waiting: 3, waitingPerKey: 2 });
    take('a', 1);

    expect(take('a', 2)).not.toBe('refused');
    expect(take('a', 3)).not.toBe('refused');
    expect(take('a', 4)).toBe('refused');
    expect(take('b', 10)).not.toBe('refused');
    expect(take('c', 20)).toBe('refused');
  });

  it('have no bound where it is Infinity', () => {
    const { take, shares } = sharesOf({});

    for (let i = 0; i < 1000; i++) expect(take('a', i)).toBe('begun');

    expect(shares.waitMs('a')).toBe(0);
  });

  it('forget a key that has nothing left', () => {
    const { take, end, shares } = sharesOf({ places: 1, waiting: 1 });
    take('a', 1);
    const second = take('b', 2) as Waiting;
    take('refused', 3);
    expect(shares.keys).toBe(2);

    second.leave();
    expect(shares.keys).toBe(1);
    end(1);

    expect(shares.keys).toBe(0);
  });

  it('count a place once, however often it is given back', () => {
    const { take, end, begun } = sharesOf({ places: 1 });
    take('a', 1);
    take('a', 2);
    take('a', 3);

    end(1);
    end(1);

    expect(begun).toEqual([1, 2]);
  });

  it('go on without recursion over work that ends before its beginning returns', () => {
    const shares = new Shares(options({ places: 1 }));
    let release = (): void => undefined;
    let ended = 0;
    shares.take('first', (its) => (release = its));
    for (let i = 0; i < 50_000; i++)
      shares.take(`${i % 7}`, (its) => {
        ended++;
        its();
      });

    release();

    expect(ended).toBe(50_000);
    expect(shares).toMatchObject({ running: 0, waiting: 0, keys: 0 });
  });

  it('let work bring more work of its key while it begins and ends', () => {
    const shares = new Shares(options({ places: 1 }));
    const begun: string[] = [];
    let release = (): void => undefined;
    shares.take('a', (its) => (release = its));
    shares.take('a', (its) => {
      its();
      shares.take('a', () => begun.push('more'));
    });

    release();

    expect(begun).toEqual(['more']);
    expect(shares).toMatchObject({ running: 1, keys: 1 });
  });

  it('say how long the wait is, by how long work has lasted', () => {
    let now = 0;
    const { take, end, shares } = sharesOf({ places: 2, now: () => now });
    take('a', 1);
    take('a', 2);
    expect(shares.waitMs('a')).toBe(0);
    now = 100;
    end(1);

    take('a', 3);
    for (let i = 4; i < 14; i++) take('a', i);

    // Ten wait before it for two places, and then one of those has to be free.
    expect(shares.waitMs('a')).toBe(550);
    // Of another key, it is its turn after one of each.
    expect(shares.waitMs('b')).toBe(100);
  });

  it('know a wait before anything was measured where they are told what to expect', () => {
    const { take, shares } = sharesOf({ places: 1, workMs: 40 });
    take('a', 1);
    take('a', 2);

    expect(shares.waitMs('a')).toBe(80);
  });

  it('smooth how long work lasts over the last pieces of it', () => {
    let now = 0;
    const { take, end, shares } = sharesOf({ places: 1, now: () => now });
    const last = (work: number, ms: number): void => {
      take('a', work);
      now += ms;
      end(work);
    };

    now = 1_000;
    last(1, 80);
    expect(shares.waitMs('a')).toBe(80);
    last(2, 160);
    expect(shares.waitMs('a')).toBe(90);
    last(3, 10);

    expect(shares.waitMs('a')).toBe(80);
  });

  it('expect nobody to wait longer than for all that wait', () => {
    const { take, shares } = sharesOf({ places: 1, workMs: 10 });
    for (const [i, key] of ['a', 'b', 'b', 'c'].entries()) take(key, i);

    // Three wait: one of c and two of b; who comes next of c waits for one turn of b at least.
    expect([shares.waitMs('a'), shares.waitMs('b'), shares.waitMs('c')]).toEqual([40, 40, 40]);
  });

  it('count the wait by the places of the key, if those are fewer', () => {
    const { take, shares } = sharesOf({ places: 10, placesPerKey: 1, workMs: 10 });
    for (let i = 0; i < 5; i++) take('a', i);

    expect(shares.waitMs('a')).toBe(50);
  });

  it('lose no work and no place, in whatever order it comes, leaves and ends', () => {
    const step = fc.record({
      what: fc.constantFrom('take', 'leave', 'end'),
      key: fc.constantFrom('a', 'b', 'c'),
      which: fc.nat(1000),
    });
    const bounds = fc.record({
      places: fc.integer({ min: 1, max: 3 }),
      placesPerKey: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 60 }), (given, steps) => {
        const { take, begun, end, shares } = sharesOf(given);
        const waiting = new Map<number, Waiting>();
        const ended = new Set<number>();
        let left = 0;
        let taken = 0;
        for (const { what, key, which } of steps) {
          const running = begun.filter((work) => !ended.has(work));
          const stillWaiting = [...waiting].filter(([work]) => !begun.includes(work));
          if (what === 'take') {
            const result = take(key, ++taken);
            if (typeof result === 'object') waiting.set(taken, result);
          } else if (what === 'leave' && stillWaiting.length > 0) {
            const [work, one] = stillWaiting[which % stillWaiting.length]!;
            one.leave();
            waiting.delete(work);
            left++;
          } else if (what === 'end' && running.length > 0) {
            const work = running[which % running.length]!;
            ended.add(work);
            end(work);
          }
          expect(shares.running).toBeLessThanOrEqual(given.places);
          expect(shares.running).toBe(begun.length - ended.size);
          expect(shares.waiting).toBe(taken - left - begun.length);
        }
        for (let work; (work = begun.find((one) => !ended.has(one))) !== undefined;) {
          ended.add(work);
          end(work);
        }
        expect(begun).toHaveLength(taken - left);
        expect(shares).toMatchObject({ running: 0, waiting: 0, keys: 0 });
      }),
    );
  });
});

function options(given: Partial<SharesOptions>): SharesOptions {
  return {
    places: Infinity,
    placesPerKey: Infinity,
    waiting: Infinity,
    waitingPerKey: Infinity,
    ...given,
  };
}

/** Work that is a number: what has begun, and how to end it. */
function sharesOf(given: Partial<SharesOptions>) {
  const shares = new Shares(options(given));
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    shares,
    begun,
    take: (key: string, work: number) =>
      shares.take(key, (release) => {
        begun.push(work);
        ends.set(work, release);
      }),
    end: (work: number) => ends.get(work)?.(),
  };
}
