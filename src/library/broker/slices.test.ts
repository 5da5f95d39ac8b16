import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { Slices } from './slices.js';

/** Work of owners that takes a while, and whose it was, in order. */
class Work {
  readonly clock = new FakeClock();
  readonly slices = new Slices(this.clock, { turnMs: 40 });
  readonly done: string[] = [];

  /** Work in pieces of some ms, cut where its slice is over. */
  begin(owner: string, pieces: number, ms: number): void {
    for (let left = pieces; left > 0; left--) {
      if (this.slices.isOver) return this.slices.later(owner, () => this.begin(owner, left, ms));
      this.done.push(owner);
      this.clock.keepBusy(ms);
    }
  }

  /** One turn of the event loop. @returns what was done in it */
  turn(): string {
    this.clock.pass(0);
    return this.done.splice(0).join('');
  }
}

describe('a turn of the event loop', () => {
  it('is over for what can wait when its time is used up, and the next one begins anew', () => {
    const { clock, slices } = new Work();

    expect(slices.isOver).toBe(false);
    clock.keepBusy(39);
    expect(slices.isOver).toBe(false);
    clock.keepBusy(1);
    expect(slices.isOver).toBe(true);
    clock.pass(0);
    expect(slices.isOver).toBe(false);
  });

  it('is one owner’s alone where nobody else has anything to do', () => {
    const work = new Work();
    work.begin('a', 8, 5);

    expect(work.turn()).toBe('aaaaaaaa');
  });

  it('is shared among owners in turn, however much one of them brings', () => {
    const work = new Work();
    for (let i = 0; i < 10; i++) work.begin('a', 20, 5);
    work.begin('b', 2, 5);
    work.done.length = 0;

    expect([work.turn(), work.turn(), work.turn()]).toEqual(['aabb', 'aa', 'aa']);
  });

  it('is half free for one that has just come', () => {
    const work = new Work();
    for (const owner of 'abcdef') work.begin(owner, 20, 5);
    work.turn();
    work.turn();

    work.begin('z', 2, 5);

    expect(work.done.join('')).toBe('zz');
  });

  it('serves one owner’s work in its order', () => {
    const { clock, slices } = new Work();
    const order: number[] = [];
    for (const n of [1, 2, 3])
      slices.later('a', () => {
        order.push(n);
        clock.keepBusy(10);
        if (n === 1) slices.later('a', () => order.push(4));
      });

    for (let i = 0; i < 4; i++) clock.pass(0);

    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('gives even one that is too long for it a slice', () => {
    const work = new Work();
    work.clock.keepBusy(1);
    work.begin('a', 3, 1_000);

    expect([work.turn(), work.turn(), work.turn()]).toEqual(['aa', 'a', '']);
  });
});
