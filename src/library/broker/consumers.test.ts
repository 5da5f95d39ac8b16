import { describe, expect, it } from 'vitest';
import { Consumers } from './consumers.js';
import type { Subscriber } from './subscriber.js';

class Consumer implements Subscriber {
  isFull = false;
  readonly waiting: (() => void)[] = [];

  constructor(readonly name: string) {}

  deliver(): void {}

  hasCapacity(): boolean {
    return !this.isFull;
  }

  onCapacity(callback: () => void): void {
    this.waiting.push(callback);
  }
}

function consumersOf(...names: string[]) {
  let calls = 0;
  const consumers = new Consumers(() => calls++);
  const all = names.map((name) => new Consumer(name));
  all.forEach((one) => consumers.add(one));
  const next = (avoided?: Consumer): string | undefined => {
    const chosen = consumers.next(avoided);
    return all.find((one) => one === chosen)?.name;
  };
  return { consumers, all, next, calls: () => calls };
}

describe('the consumers of a queue', () => {
  it('are served in turn', () => {
    const { next } = consumersOf('a', 'b', 'c');

    expect([next(), next(), next(), next()]).toEqual(['a', 'b', 'c', 'a']);
  });

  it('are none where nobody has come, or all have left', () => {
    const { consumers, all } = consumersOf('a');
    expect([consumers.isEmpty, new Consumers(() => {}).isEmpty]).toEqual([false, true]);

    consumers.delete(all[0]!);

    expect([consumers.isEmpty, consumers.next()]).toEqual([true, undefined]);
  });

  it.each([
    ['one that was served', 0, ['c', 'b', 'c']],
    ['the one that was served last', 1, ['c', 'a', 'c']],
    ['the one whose turn is next', 2, ['a', 'b', 'a']],
  ])('lose no turn when %s leaves', (_, at, expected) => {
    const { consumers, all, next } = consumersOf('a', 'b', 'c');
    next();
    next();

    consumers.delete(all[at]!);

    expect([next(), next(), next()]).toEqual(expected);
  });

  it('go on with the next, however many are left when one leaves that was served', () => {
    const { consumers, all, next } = consumersOf('a', 'b', 'c', 'd');
    next();
    next();

    consumers.delete(all[0]!);

    expect([next(), next(), next(), next()]).toEqual(['c', 'd', 'b', 'c']);
  });

  it('stay as they are when one leaves that had left before', () => {
    const { consumers, all, next } = consumersOf('a', 'b', 'c');
    consumers.delete(all[0]!);

    consumers.delete(all[0]!);

    expect([next(), next(), next()]).toEqual(['b', 'c', 'b']);
  });

  it('are passed over while they have no capacity, and nobody is chosen where none has', () => {
    const { all, next } = consumersOf('a', 'b');
    all[0]!.isFull = true;
    expect([next(), next()]).toEqual(['b', 'b']);

    all[1]!.isFull = true;

    expect(next()).toBeUndefined();
  });

  it('are asked once each to tell when they have capacity again, and once more after they told', () => {
    const { all, next, calls } = consumersOf('a');
    const [a] = all;
    a!.isFull = true;
    next();
    next();
    expect(a!.waiting).toHaveLength(1);

    a!.waiting.shift()?.();
    expect(calls()).toBe(1);
    next();

    expect(a!.waiting).toHaveLength(1);
  });

  it('tell nothing any more after they have left', () => {
    const { consumers, all, next, calls } = consumersOf('a', 'b');
    all[0]!.isFull = true;
    next();
    consumers.delete(all[0]!);

    all[0]!.waiting.shift()?.();

    expect(calls()).toBe(0);
  });

  it('include the one to be avoided only where no other has capacity', () => {
    const { all, next } = consumersOf('a', 'b');
    const [a, b] = all;
    expect([next(a), next(a)]).toEqual(['b', 'b']);

    b!.isFull = true;

    expect(next(a)).toBe('a');
  });
});
