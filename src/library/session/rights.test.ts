import { describe, expect, it } from 'vitest';
import { MemoryNode } from '../testing/memory-node.js';

/** A node whose authorizer answers when it is told to. */
function asked(): { node: MemoryNode; answer: (isAllowed: boolean) => void } {
  const waiting: ((isAllowed: boolean) => void)[] = [];
  const authorizer = {
    isAllowed: (_: unknown, __: unknown, address: string) =>
      address !== '/topic/asked' || new Promise<boolean>((resolve) => waiting.push(resolve)),
  };
  return {
    node: new MemoryNode({ authorizer }),
    answer: (isAllowed) => waiting.splice(0).forEach((resolve) => resolve(isAllowed)),
  };
}

describe('a right that has to be looked up', () => {
  it('holds up what the client sends next, and nobody else', async () => {
    const { node, answer } = asked();
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    ada
      .frame('SUBSCRIBE', { id: 'a', destination: '/topic/asked', receipt: 'one' })
      .frame('SUBSCRIBE', { id: 'b', destination: '/topic/news', receipt: 'two' });
    bob.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news', receipt: 'three' });
    expect((await bob.next()).headers.get('receipt-id')).toBe('three');
    expect(ada.frames).toEqual([]);

    answer(true);

    const receipts = [await ada.next(), await ada.next()].map(({ headers }) => headers.get('receipt-id'));
    expect(receipts).toEqual(['one', 'two']);
    node.broker.publish({ address: '/topic/asked', headers: new Map(), body: Buffer.from('hi') });
    expect(Buffer.from((await ada.next()).body).toString()).toBe('hi');
  });

  it.each(['SUBSCRIBE', 'SEND'])('refuses a %s when it is denied', async (command) => {
    const { node, answer } = asked();
    const client = await node.connected();
    client.frame(command, { id: 'a', destination: '/topic/asked', receipt: 'r' });

    answer(false);

    const { headers } = await client.next();
    expect([headers.get('code'), headers.get('receipt-id')]).toEqual(['forbidden', 'r']);
    expect((await client.end()).code).toBe(4403);
  });

  it('lets a SEND through in its turn', async () => {
    const { node, answer } = asked();
    const client = await node.connected();
    const got: string[] = [];
    node.broker.subscribe('/topic/asked', {
      deliver: ({ body }) => void got.push(Buffer.from(body).toString()),
      hasCapacity: () => true,
      onCapacity: () => {},
    });
    client.frame('SEND', { destination: '/topic/asked', receipt: 'r' }, 'hi');
    expect(got).toEqual([]);

    answer(true);

    expect((await client.next()).headers.get('receipt-id')).toBe('r');
    expect(got).toEqual(['hi']);
  });

  it('opens nothing for a client that has left', async () => {
    const { node, answer } = asked();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/asked' });
    client.session.disconnected();

    answer(true);
    await new Promise(setImmediate);

    expect(node.broker.hears('/topic/asked')).toBe(false);
  });
});

describe('a topic that patterns pass over', () => {
  it('is shown to those alone who name it', async () => {
    const node = new MemoryNode({ isUnpatterned: (topic) => topic === '/topic/own.a' });
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    ada.frame('SUBSCRIBE', { id: 'a', destination: '/topic/own.a', receipt: 'r' });
    bob.frame('SUBSCRIBE', { id: 'b', destination: '/topic/**', receipt: 'r' });
    await Promise.all([ada.next(), bob.next()]);

    for (const address of ['/topic/own.a', '/topic/own.b'])
      node.broker.publish({ address, headers: new Map(), body: Buffer.of() });

    expect((await ada.next()).headers.get('destination')).toBe('/topic/own.a');
    expect((await bob.next()).headers.get('destination')).toBe('/topic/own.b');
  });
});
