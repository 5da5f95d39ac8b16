import { expect, it } from 'vitest';
import { Unsettled, type UnsettledMessage } from './unsettled.js';

const message = (id: string): UnsettledMessage => ({ id, address: '/queue/a', bytes: 1 });
const ids = (messages: readonly UnsettledMessage[] | undefined) => messages?.map(({ id }) => id);

function delivered(isCumulative: boolean): Unsettled {
  const unsettled = new Unsettled(isCumulative);
  for (const id of ['1', '2', '3', '4']) unsettled.add(message(id));
  return unsettled;
}

it('names one message where its client settles each alone', () => {
  expect(ids(delivered(false).take('3'))).toEqual(['3']);
});

it('names all before it where its client settles them together, and those once', () => {
  const unsettled = delivered(true);

  expect(ids(unsettled.take('2'))).toEqual(['1', '2']);
  expect(ids(unsettled.take('4'))).toEqual(['3', '4']);
});

it('knows no message that was not delivered, was named, or was settled', () => {
  const unsettled = delivered(false);
  const taken = unsettled.take('1')!;

  expect([unsettled.take('9'), unsettled.take('1')]).toEqual([undefined, undefined]);
  unsettled.settled(taken);
  expect(unsettled.take('1')).toBeUndefined();
});

it('names again what was put back', () => {
  const unsettled = delivered(true);
  unsettled.putBack(unsettled.take('2')!);

  expect(ids(unsettled.take('3'))).toEqual(['1', '2', '3']);
});

it('gives all that it holds at the end, named or not, and is empty then', () => {
  const unsettled = delivered(false);
  unsettled.take('1');

  expect(ids(unsettled.clear())).toEqual(['1', '2', '3', '4']);
  expect(unsettled.clear()).toEqual([]);
  unsettled.add(message('1'));
  expect(ids(unsettled.take('1'))).toEqual(['1']);
});
