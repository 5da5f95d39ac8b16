import { expect, it } from 'vitest';
import { cursorOf } from '../broker/cursor.js';
import type { Log } from '../broker/log.js';
import { limits } from '../limits.js';
import { MemoryNode } from '../testing/memory-node.js';
import { Client } from './client.js';
import { Conversation } from './conversation.js';

/** Another language than STOMP's: objects in, objects out. */
function converse(node: MemoryNode, user: string) {
  const { broker, registry, clock } = node;
  const said: unknown[] = [];
  const connection = { hasCapacity: () => true, onCapacity: () => {} };
  const ender = {
    fail: (error: unknown) => said.push({ error }),
    terminate: (end: string) => said.push({ end }),
  };
  const client = new Client('one', node.user(user), { transport: 'json' });
  const conversation = new Conversation({
    client,
    services: { broker, registry, clock, limits, observer: {} },
    wire: connection,
    ender,
  });
  conversation.begin();
  const subscribe = async (address: string, since?: string): Promise<void> => {
    const request = {
      id: address,
      kind: 'topic',
      destination: address,
      address,
      mode: 'auto',
      prefetch: 1,
    } as const;
    const opening = conversation.subscribe(
      request,
      {
        show: (message) => message,
        tell: ({ position, body }) => void said.push([position && cursorOf(position), String(body)]),
      },
      { since },
    );
    await opening?.opened;
    opening?.start();
  };
  return { said, conversation, subscribe };
}

it('holds a conversation in another language: subscribes, and hears what is published', async () => {
  const node = new MemoryNode();
  const { said, subscribe } = converse(node, 'ada');

  await subscribe('/topic/news');
  node.broker.publish({ address: '/topic/news', headers: new Map(), body: Buffer.from('"hi"') });

  expect(said).toEqual([[undefined, '"hi"']]);
});

it('resumes by cursor, with the verdict first', async () => {
  const node = new MemoryNode({ logOf: () => log });
  const { said, subscribe } = converse(node, 'ada');

  await subscribe('/topic/news', 'e:1');
  while (said.length < 2) await new Promise(setImmediate);

  expect(said).toEqual([
    ['e:1', expect.stringContaining('"verdict":"complete"')],
    ['e:2', '"missed"'],
  ]);
});

it('ends with its login, and is registered until it is over', () => {
  const node = new MemoryNode();
  const { said, conversation } = converse(node, 'ada');
  expect(node.registry.count).toBe(1);

  node.revoke('ada');
  conversation.dispose('auth_revoked');

  expect([said, node.registry.count]).toEqual([[{ end: 'auth_revoked' }], 0]);
  expect(node.clock.pending).toBe(0);
});

const head = { epoch: 'e', seq: 2, earliest: 0 };
const log: Log = {
  head: () => Promise.resolve(head),
  renew: () => Promise.resolve(head),
  delivered: () => Promise.resolve(),
  read: (address) =>
    Promise.resolve([
      {
        id: '2',
        address,
        position: { epoch: 'e', seq: 2 },
        headers: new Map(),
        body: Buffer.from('"missed"'),
      },
    ]),
};
