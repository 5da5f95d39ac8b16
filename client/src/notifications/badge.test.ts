import { expect, it } from 'vitest';
import { badgeText, bellName } from './badge.js';

it.each([
  [1, '1', 'Notifications, 1 new'],
  [99, '99', 'Notifications, 99 new'],
  [100, '99+', 'Notifications, 100 new'],
  [1_000, '99+', 'Notifications, 1,000 new'],
])('%i unseen: the badge says %s and the bell is called %j', (unseen, badge, name) => {
  expect(badgeText(unseen)).toBe(badge);
  expect(bellName(unseen)).toBe(name);
});

it('a bell with nothing new is just called by its name', () => {
  expect(bellName(0)).toBe('Notifications');
});
