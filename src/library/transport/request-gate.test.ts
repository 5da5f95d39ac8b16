import { expect, test } from 'vitest';
import { TransportNode } from '../../../test/transport-node.js';

function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('whoever makes a request is company to those who have much to do on their connections', async () => {
  const node = await TransportNode.start({ limits: { turnMs: 800 } });
  const { slices } = node.broker;
  slices.attend('user ann');

  expect(slices.isOverFor('user ann')).toBe(false);
  keepBusy(110);
  expect(slices.isOverFor('user ann')).toBe(false);
  await (await fetch(node.url('/x'))).arrayBuffer();
  expect(slices.isOverFor('user ann')).toBe(false);
  keepBusy(110);

  expect(slices.isOverFor('user ann')).toBe(true);
  await node.stop();
});
