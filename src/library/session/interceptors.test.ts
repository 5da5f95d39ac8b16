import { describe, expect, it } from 'vitest';
import { Refusal } from '../errors.js';
import { MemoryNode } from '../testing/memory-node.js';
import type { StompInterceptor } from './ports.js';

describe('interceptors of frames', () => {
  it('see each frame in their order, and may put another in its place', async () => {
    const seen: string[] = [];
    const named = (name: string): StompInterceptor => ({
      inbound(frame, client) {
        seen.push(`${name} ${frame.command} ${client?.user.name ?? 'nobody yet'}`);
        const headers = new Map(frame.headers).set('via', `${frame.headers.get('via') ?? ''}${name}`);
        return { ...frame, headers };
      },
    });
    const client = await new MemoryNode({ interceptors: [named('a'), named('b')] }).connected();
    client
      .frame('SUBSCRIBE', { id: '1', destination: '/topic/x' })
      .frame('SEND', { destination: '/topic/x' });

    expect((await client.next()).headers.get('via')).toBe('ab');
    expect(seen).toEqual([
      'a CONNECT nobody yet',
      'b CONNECT nobody yet',
      'a SUBSCRIBE ada',
      'b SUBSCRIBE ada',
      'a SEND ada',
      'b SEND ada',
    ]);
  });

  it('that wait hold the frames behind, so that their order is kept', async () => {
    let release: (() => void) | undefined;
    const slow: StompInterceptor = {
      async inbound(frame) {
        if (frame.headers.get('receipt') === 'first') {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        return frame;
      },
    };
    const client = await new MemoryNode({ interceptors: [slow] }).connected();
    client
      .frame('SEND', { destination: '/topic/x', receipt: 'first' })
      .frame('SEND', { destination: '/topic/x', receipt: 'second' });
    await Promise.resolve();
    expect(client.frames).toEqual([]);

    release?.();

    expect((await client.next()).headers.get('receipt-id')).toBe('first');
    expect((await client.next()).headers.get('receipt-id')).toBe('second');
  });

  it.each<[string, StompInterceptor['inbound'], string, string]>([
    ['refuses', () => fail(new Refusal('forbidden', 'Not here.')), 'forbidden', 'Not here.'],
    ['refuses later', async () => fail(new Refusal('rate_limited', 'Slower.')), 'rate_limited', 'Slower.'],
    ['fails', () => fail(new Error('secret')), 'internal_error', 'The server failed'],
    ['fails later', async () => fail(new Error('secret')), 'internal_error', 'The server failed'],
    ['returns nothing', (() => undefined) as never, 'internal_error', 'The server failed'],
    ['returns nothing later', (async () => undefined) as never, 'internal_error', 'The server failed'],
  ])('one that %s is always answered, with the receipt-id', async (_, inbound, code, message) => {
    const onSend: StompInterceptor['inbound'] = (frame, client) =>
      frame.command === 'SEND' && inbound ? inbound(frame, client) : frame;
    const node = new MemoryNode({ interceptors: [{ inbound: onSend }] });
    const client = await node.connected();

    client.frame('SEND', { destination: '/topic/x', receipt: 'r' });

    const { command, headers } = await client.next();
    expect([command, headers.get('code'), headers.get('receipt-id')]).toEqual(['ERROR', code, 'r']);
    expect(headers.get('message')).toContain(message);
    expect(node.faults.length > 0).toBe(code === 'internal_error');
    await client.end();
  });

  it('one that never answers is given up', async () => {
    const stuck: StompInterceptor = {
      inbound: (frame) => (frame.command === 'SEND' ? new Promise(() => {}) : frame),
    };
    const node = new MemoryNode({ interceptors: [stuck], limits: { handlerMs: 100 } });
    const client = await node.connected();
    client.frame('SEND', { destination: '/topic/x' });

    node.clock.pass(100);

    expect((await client.next()).headers.get('code')).toBe('internal_error');
  });

  it('don’t keep a client waiting that has left', async () => {
    let release: (() => void) | undefined;
    const slow: StompInterceptor = {
      inbound: (frame) =>
        frame.command === 'SEND'
          ? new Promise((resolve) => {
              release = () => resolve(frame);
            })
          : frame,
    };
    const node = new MemoryNode({ interceptors: [slow] });
    const [client, other] = [await node.connected(), await node.connected('bob')];
    other.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
    await other.next();
    client.frame('SEND', { destination: '/topic/x' });
    client.session.disconnected();

    release?.();
    await Promise.resolve();

    expect(other.frames).toEqual([]);
  });
});

describe('interceptors of messages', () => {
  it('say what each client sees', async () => {
    const masked: StompInterceptor = {
      outbound: (message, { user }) =>
        user.name === 'ada' ? message : { ...message, body: Buffer.from('***') },
    };
    const node = new MemoryNode({ interceptors: [masked] });
    const clients = [await node.connected('ada'), await node.connected('bob')];
    clients.forEach((client) => client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' }));

    node.broker.publish({ address: '/topic/x', headers: new Map(), body: Buffer.from('all') });

    const bodies = await Promise.all(clients.map(async (client) => (await client.next()).body));
    expect(bodies.map((body) => Buffer.from(body).toString())).toEqual(['all', '***']);
  });

  it('that refuse one end the session that was to get it, and no other', async () => {
    const strict: StompInterceptor = {
      outbound(message, { user }) {
        if (user.name === 'bob') throw new Refusal('forbidden', 'Not for bob.');
        return message;
      },
    };
    const node = new MemoryNode({ interceptors: [strict] });
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    [ada, bob].forEach((client) => client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' }));

    node.broker.publish({ address: '/topic/x', headers: new Map(), body: Buffer.from('x') });

    expect((await bob.next()).headers.get('code')).toBe('forbidden');
    expect((await ada.next()).command).toBe('MESSAGE');
    expect(ada.closed).toBeUndefined();
  });

  it('that refuse a queue’s message leave it in the queue', async () => {
    const strict: StompInterceptor = {
      outbound(message, { user }) {
        if (user.name === 'bob') throw new Refusal('forbidden', 'Not for bob.');
        return message;
      },
    };
    const node = new MemoryNode({ interceptors: [strict] });
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    bob.frame('SUBSCRIBE', { id: '1', destination: '/queue/x', ack: 'client', receipt: 'r' });
    await bob.next();
    ada.frame('SEND', { destination: '/queue/x', receipt: 'stored' }, 'kept');
    await ada.next();
    expect((await bob.next()).headers.get('code')).toBe('forbidden');

    ada.frame('SUBSCRIBE', { id: '1', destination: '/queue/x' });

    expect(Buffer.from((await ada.next()).body).toString()).toBe('kept');
  });
});

function fail(error: Error): never {
  throw error;
}
