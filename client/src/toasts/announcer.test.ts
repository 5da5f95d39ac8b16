import { expect, it } from 'vitest';
import { condense } from './announcer.js';

const news = { text: 'Moved', politeness: 'polite' } as const;
const alert = { text: 'Cancelled', politeness: 'assertive' } as const;

it('says a few sentences as they are', () => {
  expect(condense([news, alert, news])).toEqual([news, alert, news]);
});

it('says a burst of twenty as one number', () => {
  expect(condense(Array.from({ length: 20 }, () => news))).toEqual([
    { text: '20 updates', politeness: 'polite' },
  ]);
});

it('says what is urgent in full, even in a burst', () => {
  expect(condense([news, news, alert, news, news])).toEqual([
    alert,
    { text: '4 updates', politeness: 'polite' },
  ]);
});
