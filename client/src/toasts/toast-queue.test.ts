import { expect, it } from 'vitest';
import { dismiss, push, type NewToast, type Toast } from './toast-queue.js';

function news(title: string): NewToast {
  return { tone: 'news', title, text: '', isSticky: false };
}
function alert(title: string): NewToast {
  return { tone: 'alert', title, text: '', isSticky: true };
}
function pushAll(toasts: readonly NewToast[]): readonly Toast[] {
  return toasts.reduce<readonly Toast[]>((queue, toast, i) => push(queue, toast, i), []);
}
const titles = (toasts: readonly Toast[]) => toasts.map(({ title }) => title);

it('shows three as they are', () => {
  expect(titles(pushAll([news('a'), news('b'), alert('c')]))).toEqual(['a', 'b', 'c']);
});

it('a burst of twenty becomes one that says so', () => {
  const queue = pushAll(Array.from({ length: 20 }, (_, i) => news(String(i))));

  expect(queue.reduce((sum, { count }) => sum + count, 0)).toBe(20);
  expect(queue.length).toBeLessThanOrEqual(3);
  expect(queue[0]?.count).toBeGreaterThan(1);
});

it('a cancellation is not swallowed by the news that follow', () => {
  const queue = pushAll([alert('cancelled'), news('a'), news('b'), news('c')]);

  expect(titles(queue)).toEqual(['cancelled', '3 updates']);
});

it('of four that must be dismissed the last two are one, and that one stays too', () => {
  const queue = pushAll([alert('a'), alert('b'), alert('c'), alert('d')]);

  expect(titles(queue)).toEqual(['a', 'b', '2 updates']);
  expect(queue[2]?.isSticky).toBe(true);
});

it('never shows more than three, whatever comes', () => {
  const mixed = Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? alert(`a${i}`) : news(`n${i}`)));

  mixed.reduce<readonly Toast[]>((queue, toast, i) => {
    const next = push(queue, toast, i);
    expect(next.length).toBeLessThanOrEqual(3);
    return next;
  }, []);
});

it('dismisses one and keeps the others', () => {
  expect(titles(dismiss(pushAll([news('a'), news('b')]), 0))).toEqual(['b']);
});
