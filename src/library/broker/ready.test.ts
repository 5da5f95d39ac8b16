import { describe, expect, it } from 'vitest';
import type { QueuedMessage } from './queue-store.js';
import { Ready } from './ready.js';

function message(position: number, expires?: number, queue = '/queue/work'): QueuedMessage {
  const headers = new Map(expires === undefined ? [] : [['expires', String(expires)]]);
  return { position, queue, headers, body: Buffer.alloc(10), deliveries: 0 };
}

function readyWith(...messages: QueuedMessage[]): Ready {
  const ready = new Ready();
  messages.forEach((one) => ready.insert(one));
  return ready;
}

function shiftAll(ready: Ready): number[] {
  const positions: number[] = [];
  for (let first = ready.first; first; first = ready.first) {
    positions.push(first.position);
    ready.shift();
  }
  return positions;
}

describe('messages that wait in a queue', () => {
  it.each([[[1, 2, 3]], [[3, 2, 1]], [[2, 4, 1, 3]], [[5, 1, 3, 2, 4]]])(
    'stand in the order of their positions, though they came as %j',
    (given) => {
      const ready = readyWith(...given.map((position) => message(position)));

      expect(shiftAll(ready)).toEqual(given.toSorted());
    },
  );

  it('are none at first, and none again after the last was taken', () => {
    const ready = readyWith(message(1));
    ready.shift();

    ready.shift();

    expect([ready.first, new Ready().first]).toEqual([undefined, undefined]);
  });

  it.each([
    ['messages', { messages: 4, bytes: 1_000 }],
    ['bytes', { messages: 1_000, bytes: 40 }],
  ])('fill a window of four %s when they are four, and half of it when they are two', (_, window) => {
    const ready = new Ready();
    const fillings = [1, 2, 3, 4].map((position) => {
      ready.insert(message(position));
      return [ready.fills(window, 0.5), ready.fills(window)];
    });
    expect(fillings).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ]);

    ready.shift();
    expect([ready.fills(window, 0.5), ready.fills(window)]).toEqual([true, false]);
    ready.shift();
    ready.shift();
    expect(ready.fills(window, 0.5)).toBe(false);
  });
});

describe('messages past their time', () => {
  it('are taken out when it has come, and the others stay in their order', () => {
    const ready = readyWith(message(1, 2_000), message(2, 1_000), message(3), message(4, 1_000));

    expect(ready.takeExpired(999)).toEqual([]);
    expect(ready.takeExpired(1_000).map(({ position }) => position)).toEqual([2, 4]);

    expect(shiftAll(ready)).toEqual([1, 3]);
  });

  it('no longer fill a window, and the others still do', () => {
    const window = { messages: 2, bytes: 1_000 };
    const ready = readyWith(message(1, 1_000), message(2));

    ready.takeExpired(1_000);

    expect([ready.fills(window), ready.fills(window, 0.5)]).toEqual([false, true]);
  });

  it('are waited for one after the other, and for none where none is left', () => {
    const ready = readyWith(message(1, 2_000), message(2, 1_000));
    expect(ready.nextExpiry).toBe(1_000);

    ready.takeExpired(1_000);
    expect(ready.nextExpiry).toBe(2_000);
    ready.shift();

    expect(ready.nextExpiry).toBe(Infinity);
  });

  it.each([
    ['without the header', message(1)],
    ['whose header says 0', message(1, 0)],
    ['that are dead letters', message(1, 1_000, '/queue/dlq/work')],
  ])('are none of those %s', (_, one) => {
    const ready = readyWith(one, message(2, 5_000));

    expect(ready.takeExpired(5_000).map(({ position }) => position)).toEqual([2]);
    expect(ready.nextExpiry).toBe(Infinity);
    expect(shiftAll(ready)).toEqual([1]);
  });
});
