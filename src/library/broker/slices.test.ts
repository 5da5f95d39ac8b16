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
      if (this.slices.isOverFor(owner)) return this.slices.later(owner, () => this.begin(owner, left, ms));
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

  it('is not more than a slice for all that an owner waits to do', async () => {
    const work = new Work();
    work.begin('a', 1, 40);
    work.done.length = 0;
    work.begin('z', 1, 0);
    const waiting = Promise.all(
      Array.from({ length: 5 }, () =>
        work.slices.inTurn('a', () => {
          work.done.push('a');
          work.clock.keepBusy(10);
        }),
      ),
    );

    const turns = [];
    for (let i = 0; i < 5; i++) {
      turns.push(work.turn());
      await Promise.resolve();
    }

    await waiting;
    expect(turns).toEqual(['za', 'a', 'a', 'a', 'a']);
  });

  it('hands on what is thrown in its turn', async () => {
    const { clock, slices } = new Work();
    const fail = (): never => {
      throw new Error('in vain');
    };
    const atOnce = slices.inTurn('a', fail);
    expect(slices.isOver).toBe(false);
    clock.keepBusy(40);
    const later = slices.inTurn('a', fail);

    clock.pass(0);

    await expect(atOnce).rejects.toThrow('in vain');
    await expect(later).rejects.toThrow('in vain');
  });

  it('comes also where no turn has any time', () => {
    const clock = new FakeClock();
    const slices = new Slices(clock, { turnMs: 0 });
    let turns = 0;
    slices.later('a', () => {
      turns++;
      clock.keepBusy(1);
    });
    slices.later('a', () => turns++);

    expect(slices.isOver).toBe(true);
    clock.pass(0);
    expect(turns).toBe(1);
    clock.pass(0);

    expect(turns).toBe(2);
  });

  it('is a small part an owner’s where somebody else is there, and whole again when they have gone', () => {
    const work = new Work();
    work.slices.attend('a');
    work.slices.attend('b');
    work.begin('a', 20, 0.25);

    expect(work.done.splice(0).join('')).toBe('aaaaa');
    expect([work.turn(), work.turn()]).toEqual(['aa', 'aa']);
    work.begin('b', 20, 0.25);
    expect(work.done.splice(0).join('')).toBe('bbbbb');

    work.clock.pass(1_000);
    work.done.length = 0;
    work.begin('a', 20, 1);
    expect(work.done.join('')).toBe('a'.repeat(20));
  });

  it('counts what an owner has had of it, whoever comes between', () => {
    const work = new Work();
    work.slices.attend('a');
    work.slices.attend('b');

    for (let i = 0; i < 4; i++) {
      work.begin('a', 2, 0.25);
      work.begin('b', 1, 0.25);
    }

    expect(work.done.join('')).toBe('aabaababb');
  });

  it('is a small part also of one whose work nobody attends to, as soon as somebody else comes a second time', () => {
    const work = new Work();
    work.slices.attend('b');
    work.begin('a', 20, 0.25);
    expect(work.done.splice(0).join('')).toBe('a'.repeat(20));

    work.clock.pass(0);
    work.slices.attend('b');
    work.begin('a', 20, 0.25);

    expect(work.done.join('')).toBe('aaaaa');
  });
});
