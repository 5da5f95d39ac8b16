import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Refreshed } from './refreshed.js';

it('is made once for all who ask in its time, and anew after it', async () => {
  let made = 0;
  const numbers = new Refreshed(() => Promise.resolve(++made), 30);

  expect(await Promise.all([numbers.get(), numbers.get()])).toEqual([1, 1]);
  await after(40);

  expect(await numbers.get()).toBe(2);
});
