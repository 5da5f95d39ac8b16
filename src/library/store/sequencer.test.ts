import { expect, it } from 'vitest';
import { Sequencer } from './sequencer.js';

it('calls in the order of places, whatever order they are settled in', () => {
  const sequencer = new Sequencer();
  const called: number[] = [];
  const places = [1, 2, 3].map((number) => ({ number, place: sequencer.enter('inbox/1') }));

  for (const { number, place } of places.toReversed()) place.settle(() => called.push(number));

  expect(called).toEqual([1, 2, 3]);
});

it('calls those in front at once, and holds those behind one whose commit is on its way', () => {
  const sequencer = new Sequencer();
  const called: number[] = [];
  const [first, second, third] = [1, 2, 3].map(() => sequencer.enter('inbox/1'));

  first?.settle(() => called.push(1));
  third?.settle(() => called.push(3));
  expect(called).toEqual([1]);

  second?.settle(() => called.push(2));
  expect(called).toEqual([1, 2, 3]);
});

it('holds nobody of another stream', () => {
  const sequencer = new Sequencer();
  const called: string[] = [];
  sequencer.enter('inbox/1');

  sequencer.enter('inbox/2').settle(() => called.push('inbox/2'));

  expect(called).toEqual(['inbox/2']);
});
