import { expect, it } from 'vitest';
import { dismiss, push, settle, type NewToast, type Toast } from './toast-queue.js';

let notification = 0;

function news(title: string): NewToast {
  return { tone: 'news', title, text: '', isSticky: false, about: [++notification] };
}
function alert(title: string): NewToast {
  return { ...news(title), tone: 'alert', isSticky: true };
}
function announcement(text: string): NewToast {
  return { tone: 'announcement', title: 'Announcement', text, isSticky: true, about: [] };
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

  expect(queue.flatMap(({ about }) => about)).toHaveLength(20);
  expect(queue.length).toBeLessThanOrEqual(3);
  expect(queue[0]?.about.length).toBeGreaterThan(1);
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

it('what isn’t under the bell is never merged into what is', () => {
  const queue = pushAll([
    announcement('The lift is out of order.'),
    ...['a', 'b', 'c', 'd'].map(news),
    announcement('The lift works again.'),
    { ...announcement('Try again.'), tone: 'error', title: 'Not saved' },
    alert('cancelled'),
  ]);

  const texts = queue.map(({ text }) => text);
  expect(texts).toEqual(
    expect.arrayContaining(['The lift is out of order.', 'The lift works again.', 'Try again.']),
  );
  expect(queue.flatMap(({ about }) => about)).toHaveLength(5);
  expect(queue).toHaveLength(4);
});

it('is bounded even where all is kept nowhere else', () => {
  const queue = pushAll(Array.from({ length: 50 }, (_, i) => announcement(String(i))));

  expect(queue).toHaveLength(20);
  expect(queue.at(-1)?.text).toBe('49');
});

it('a toast goes when all that it tells of was taken note of, and one of something else stays', () => {
  const queue = pushAll([news('a'), announcement('b'), alert('c')]);
  const [first, , last] = queue;

  expect(titles(settle(queue, (id) => id === first?.about[0]))).toEqual(['a', 'Announcement']);
  expect(titles(settle(queue, (id) => id === last?.about[0]))).toEqual(['Announcement', 'c']);
  expect(settle(queue, () => true)).toBe(queue);
});
