import { describe, expect, it } from 'vitest';
import { Budget } from './budget.js';

const holders = { connections: 2 };

describe('a budget of a hundred bytes for two connections', () => {
  it('is over for one that has more than its part, when all of it is used and more', () => {
    const budget = new Budget(100, holders);
    budget.add(100);
    expect(budget.isOver(100)).toBe(false);

    budget.add(1);

    expect(budget.isOver(51)).toBe(true);
    expect(budget.isOver(50)).toBe(false);
  });

  it('looks at what would be added as if it were', () => {
    const budget = new Budget(100, holders);
    budget.add(60);

    expect(budget.isOver(20, 40)).toBe(false);
    expect(budget.isOver(20, 41)).toBe(true);
    expect(budget.isOver(9, 41)).toBe(false);
  });

  it('is one connection’s whole, where none is counted yet', () => {
    const budget = new Budget(100, { connections: 0 });
    budget.add(101);

    expect(budget.isOver(100)).toBe(false);
    expect(budget.isOver(101)).toBe(true);
  });

  it('tells those who wait once, when bytes are given back and it isn’t used up any more', () => {
    const budget = new Budget(100, holders);
    const told: string[] = [];
    budget.add(120);
    budget.onCapacity(() => told.push('a'));

    budget.add(-19);
    expect(told).toEqual([]);
    budget.add(-1);
    expect(told).toEqual(['a']);
    budget.add(-1);

    expect(told).toEqual(['a']);
    expect(budget.used).toBe(99);
  });

  it('tells nobody when bytes are added', () => {
    const budget = new Budget(100, holders);
    const told: string[] = [];
    budget.onCapacity(() => told.push('a'));

    budget.add(1);
    budget.add(0);

    expect(told).toEqual([]);
  });

  it('tells in the next round those who wait again', () => {
    const budget = new Budget(100, holders);
    const told: string[] = [];
    budget.add(50);
    budget.onCapacity(() => {
      told.push('a');
      budget.onCapacity(() => told.push('b'));
    });

    budget.add(-1);
    expect(told).toEqual(['a']);
    budget.add(-1);

    expect(told).toEqual(['a', 'b']);
  });
});
