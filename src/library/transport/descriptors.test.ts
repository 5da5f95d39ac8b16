import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { Descriptors } from './descriptors.js';

/** @returns how many it got */
function takeAll(descriptors: Descriptors, network: string | undefined): number {
  let count = 0;
  for (; descriptors.hasPlaceFor(network); count++) descriptors.add(new Duplex(), network);
  return count;
}

it('a network gets as many as are left, so that another always finds some', () => {
  const descriptors = new Descriptors(400);

  expect(['ada', 'bob', 'eve'].map((network) => takeAll(descriptors, network))).toEqual([150, 75, 38]);
});

it('proxies, whose sockets are everybody’s, may have all but the reserve', () => {
  expect(takeAll(new Descriptors(400), undefined)).toBe(300);
});

it('where there are few, half of them are for sockets', () => {
  expect(takeAll(new Descriptors(100), undefined)).toBe(50);
});

it('where no limit is known, there is none', () => {
  const descriptors = new Descriptors(Infinity);
  descriptors.add(new Duplex(), 'ada');

  expect(descriptors.hasPlaceFor('ada')).toBe(true);
  expect(descriptors.free).toBe(Infinity);
});

it('a socket that closes gives its place back', async () => {
  const descriptors = new Descriptors(400);
  const socket = new Duplex({ read: () => undefined });
  descriptors.add(socket, 'ada');
  const before = descriptors.free;

  socket.destroy();
  await new Promise((closed) => socket.once('close', closed));

  expect(descriptors.free).toBe(before + 1);
  expect(descriptors.has(socket)).toBe(false);
});
