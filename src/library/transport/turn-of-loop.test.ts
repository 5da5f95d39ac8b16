import { expect, it } from 'vitest';
import { afterTurn } from './turn-of-loop.js';

it('lets the event loop go round while thousands of readers have their frames written', async () => {
  const order: (number | 'an event')[] = [];
  const write = (i: number): void => {
    for (const until = performance.now() + 1; performance.now() < until;);
    order.push(i);
  };
  const last = new Promise<void>((resolve) => {
    for (let i = 0; i < 40; i++)
      afterTurn(() => {
        if (i === 0) setImmediate(() => order.push('an event'));
        write(i);
        if (i === 1) afterTurn(resolve);
      });
  });

  await last;

  expect(order.indexOf('an event')).toBeLessThan(20);
  expect(order.filter((one) => one !== 'an event')).toEqual(Array.from({ length: 40 }, (_, i) => i));
});
