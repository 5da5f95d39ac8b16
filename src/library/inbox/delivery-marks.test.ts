import { expect, it } from 'vitest';
import { DeliveryMarks } from './delivery-marks.js';

/** Writes that end when they are told to. */
class Writes {
  readonly begun: {
    owner: number;
    seqs: readonly number[];
    end: () => void;
    fail: (error: Error) => void;
  }[] = [];

  readonly write = (owner: number, seqs: readonly number[]): Promise<void> =>
    new Promise((end, fail) => this.begun.push({ owner, seqs, end, fail }));
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('writes what comes for one inbox during a write as one', async () => {
  const writes = new Writes();
  const deliveries = new DeliveryMarks(writes.write);

  const first = deliveries.note(1, [1]);
  await settled();
  const others = [2, 3, 4, 3].map((seq) => deliveries.note(1, [seq]));
  writes.begun[0]?.end();
  await first;
  await settled();
  writes.begun[1]?.end();
  await Promise.all(others);

  expect(writes.begun.map(({ seqs }) => seqs)).toEqual([[1], [2, 3, 4]]);
});

it('lets no inbox wait for another', async () => {
  const writes = new Writes();
  const deliveries = new DeliveryMarks(writes.write);

  void deliveries.note(1, [1]);
  void deliveries.note(2, [1]);
  await settled();

  expect(writes.begun.map(({ owner }) => owner)).toEqual([1, 2]);
});

it('tells a failure to those whose rows were in it, and the next write stands on its own', async () => {
  const writes = new Writes();
  const deliveries = new DeliveryMarks(writes.write);

  const first = deliveries.note(1, [1]);
  await settled();
  const second = deliveries.note(1, [2]);
  writes.begun[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settled();
  writes.begun[1]?.end();

  await expect(second).resolves.toBeUndefined();
});
