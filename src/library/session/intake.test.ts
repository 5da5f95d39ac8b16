import { describe, expect, it } from 'vitest';
import { MemoryNode } from '../testing/memory-node.js';
import type { MemoryClient } from '../testing/memory-client.js';

const ask = (id: string): string => `SEND\ndestination:/topic/a\nreceipt:${id}\n\n\0`;

describe('a peer that says no more', () => {
  it('is answered what is in hand, and then it is as if by DISCONNECT', async () => {
    const client = await new MemoryNode().connected();

    client.bytes(ask('1') + 'SEND\ndestination:/topic/a');
    client.session.finish();

    expect((await client.next()).headers.get('receipt-id')).toBe('1');
    expect(await client.end()).toMatchObject({ code: 1000 });
    expect(client.frames).toEqual([]);
  });

  it('is answered what is under way, and what waits behind it', async () => {
    const { client, letGo } = await asking();
    client.bytes(ask('2'));

    client.session.finish();
    expect(client.closed).toBeUndefined();
    letGo();

    expect((await client.next()).headers.get('receipt-id')).toBe('1');
    expect((await client.next()).headers.get('receipt-id')).toBe('2');
    expect(await client.end()).toMatchObject({ code: 1000 });
  });

  it('is closed at once, where nothing is in hand', async () => {
    const client = await new MemoryNode().connected();

    client.session.finish();

    expect(await client.end()).toMatchObject({ code: 1000 });
  });
});

describe('after DISCONNECT', () => {
  it('nothing is taken any more', async () => {
    const { client, letGo } = await asking();

    client.bytes(`DISCONNECT\nreceipt:bye\n\n\0${ask('2')}`);
    client.bytes(ask('3'));
    letGo();

    expect((await client.next()).headers.get('receipt-id')).toBe('1');
    expect((await client.next()).headers.get('receipt-id')).toBe('bye');
    await client.end();
    expect(client.frames).toEqual([]);
  });
});

describe('a session', () => {
  it('is new until its first frame is whole', () => {
    const client = new MemoryNode().client();
    expect(client.session.isNew).toBe(true);

    client.bytes('CONNECT\nlogin:ada\n');
    expect(client.session.isNew).toBe(true);
    client.bytes('\n\0');

    expect(client.session.isNew).toBe(false);
  });

  it('may have its CONNECT as long as the limit says, and not longer', async () => {
    const node = new MemoryNode({ limits: { connectBytes: 20 } });
    const [fits, long] = [node.client(), node.client()];

    fits.bytes(`CONNECT\nlogin:${'x'.repeat(20 - 'login:'.length)}\n`);
    long.bytes(`CONNECT\nlogin:${'x'.repeat(21 - 'login:'.length)}\n`);

    expect(fits.frames).toEqual([]);
    expect((await long.next()).headers.get('message')).toBe('CONNECT may have 20 bytes at most.');
  });

  it('calls back in a later turn, and says whether the time of this one is used up', () => {
    const node = new MemoryNode();
    const { session } = node.client();
    const called: string[] = [];

    expect(session.slices.isOver).toBe(false);
    session.slices.later(() => called.push('later'));
    expect(called).toEqual([]);
    node.clock.pass(1);

    expect(called).toEqual(['later']);
  });
});

describe('frames that come at once', () => {
  it('are taken at once up to the limit, and the next ones in a later turn', async () => {
    const node = new MemoryNode({ limits: { framesAtOnce: 3 } });
    const client = await node.connected();

    client.bytes(['1', '2', '3', '4', '5', '6', '7'].map(ask).join(''));
    expect(receipts(client)).toEqual(['1', '2', '3']);
    node.clock.pass(0);
    expect(receipts(client)).toEqual(['1', '2', '3', '4', '5', '6']);
    node.clock.pass(0);

    expect(receipts(client)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('are counted anew with each chunk', async () => {
    const node = new MemoryNode({ limits: { framesAtOnce: 3 } });
    const client = await node.connected();

    client.bytes(ask('1') + ask('2'));
    client.bytes(ask('3') + ask('4'));

    expect(receipts(client)).toEqual(['1', '2', '3', '4']);
  });
});

describe('while a frame is under way', () => {
  it('more than may wait stops the reading, until it is over', async () => {
    const { client, letGo } = await asking({ heldBytes: 10 });

    client.bytes('\n\n'.padEnd(10, '\n'));
    expect(client.isPaused).toBe(false);
    client.bytes('\n');
    expect(client.isPaused).toBe(true);
    letGo();
    await client.next();

    expect(client.isPaused).toBe(false);
  });
});

describe('what waits for the rest of its frame', () => {
  it('is weighed as the strangers’ until CONNECTED, then as the user’s, and no more at the end', async () => {
    const node = new MemoryNode();
    const { strangers } = node.registry;
    const client = node.client();

    client.bytes('CONNECT\nlogin:ada\n');
    expect(strangers.input.used).toBe(2 * 'login:ada'.length);
    client.bytes('accept-version:1.2\n\n\0SEND\ndestin');
    expect(strangers.input.used).toBeGreaterThan(0);
    await client.next();
    const { input } = node.registry.shareOf('ada');
    expect([strangers.input.used, input.used]).toEqual([0, 'destin'.length]);

    client.bytes('ation:/topic/a\n');
    expect(input.used).toBe(2 * 'destination:/topic/a'.length);
    client.bytes('\n\0');
    expect(input.used).toBe(0);
    client.bytes('SEND');
    expect(input.used).toBe(4);
    client.session.disconnected();

    expect(input.used).toBe(0);
  });

  it('ends the session that has more of it than there is room for', async () => {
    const node = new MemoryNode({ limits: { inputBytesPerUser: 100 } });
    const client = await node.connected();

    client.bytes(`SEND\na:${'x'.repeat(98)}`);
    expect(client.frames).toEqual([]);
    client.bytes('x');

    const error = await client.next();
    expect([error.headers.get('code'), error.headers.get('message')]).toEqual([
      'rate_limited',
      'More was begun than there is room for; end a frame before the next.',
    ]);
    expect(error.headers.get('retry-after-ms')).toBe('1000');
    expect(node.registry.shareOf('ada').input.used).toBe(0);
  });
});

/** A client whose SEND with the receipt 1 is under way in a method, until it is let go. */
async function asking(
  limits: { readonly heldBytes?: number } = {},
): Promise<{ client: MemoryClient; letGo: () => void }> {
  let letGo = (): void => {};
  const waiting = new Promise<void>((resolve) => (letGo = resolve));
  const node = new MemoryNode({
    limits,
    application: { handles: () => true, send: () => waiting, subscribe: () => new Promise(() => {}) },
  });
  const client = await node.connected();
  client.frame('SEND', { destination: '/app/wait', receipt: '1' });
  return { client, letGo };
}

function receipts({ frames }: MemoryClient): (string | undefined)[] {
  return frames.map(({ headers }) => headers.get('receipt-id'));
}
