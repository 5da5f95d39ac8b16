import { expect, it } from 'vitest';
import { createStore } from './store.js';

it('hands out the same snapshot until something changes', () => {
  const store = createStore({ count: 0 });

  const before = store.get();
  store.update((value) => value);

  expect(store.get()).toBe(before);
});

it('tells its listeners of a change and not of a value that stayed', () => {
  const store = createStore(1);
  let calls = 0;
  store.subscribe(() => calls++);

  store.set(2);
  store.set(2);

  expect(calls).toBe(1);
});

it('forgets a listener that unsubscribed, also one that does so while being told', () => {
  const store = createStore(1);
  const heard: string[] = [];
  const leave = store.subscribe(() => {
    heard.push('first');
    leave();
  });
  store.subscribe(() => heard.push('second'));

  store.set(2);
  store.set(3);

  expect(heard).toEqual(['first', 'second', 'second']);
});
