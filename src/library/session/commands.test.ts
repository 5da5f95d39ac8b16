import { describe, expect, it } from 'vitest';
import type { Frame } from '../stomp/frame.js';
import { MemoryNode } from '../testing/memory-node.js';

const header = (frame: Frame, name: string): string => frame.headers.get(name) ?? '';

describe('ACK', () => {
  const queue = '/queue/jobs';

  async function withJob(version: '1.0' | '1.1' | '1.2', id = '0') {
    const node = new MemoryNode();
    const client = await node.connected('ada', version);
    client.frame('SUBSCRIBE', { id, destination: queue, ack: 'client-individual' });
    client.frame('SEND', { destination: queue }, 'job');
    return { client, job: await client.next() };
  }

  it.each([
    ['1.2', (job: Frame) => ({ id: header(job, 'ack') })],
    ['1.1', (job: Frame) => ({ 'message-id': header(job, 'message-id'), subscription: '0' })],
    ['1.0', (job: Frame) => ({ 'message-id': header(job, 'message-id') })],
    ['1.0', (job: Frame) => ({ 'message-id': header(job, 'message-id'), subscription: '0' })],
    ['1.0', (job: Frame) => ({ 'message-id': header(job, 'message-id'), subscription: 'unknown' })],
  ] as const)('of %s settles what it names, once', async (version, named) => {
    const { client, job } = await withJob(version);

    client.frame('ACK', { ...named(job), receipt: 'r' });

    expect(header(await client.next(), 'receipt-id')).toBe('r');
    client.frame('ACK', named(job));
    expect(header(await client.next(), 'code')).toBe('unknown_ack');
  });

  it.each([
    ['1.2', { id: 'no such' }, 'unknown_ack'],
    ['1.2', {}, 'missing_header'],
    ['1.1', { subscription: '0' }, 'missing_header'],
    ['1.1', { 'message-id': '1' }, 'missing_header'],
    ['1.1', { 'message-id': '1', subscription: '1' }, 'unknown_ack'],
  ] as const)('of %s with %j is %s', async (version, headers, code) => {
    const { client } = await withJob(version);

    client.frame('ACK', headers);

    expect(header(await client.next(), 'code')).toBe(code);
  });

  it('of 1.1 names a message of its own subscription only', async () => {
    const { client, job } = await withJob('1.1');
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/a' });

    client.frame('ACK', { 'message-id': header(job, 'message-id'), subscription: '1' });

    expect(header(await client.next(), 'code')).toBe('unknown_ack');
  });

  it.each(['true', ' true '])('NACK with requeue:%s brings the message again', async (requeue) => {
    const { client, job } = await withJob('1.2');

    client.frame('NACK', { id: header(job, 'ack'), requeue });

    expect(header(await client.next(), 'redelivered')).toBe('true');
  });

  it('NACK with another requeue is refused', async () => {
    const { client, job } = await withJob('1.2');

    client.frame('NACK', { id: header(job, 'ack'), requeue: 'perhaps' });

    expect(header(await client.next(), 'code')).toBe('invalid_header');
  });
});

describe('UNSUBSCRIBE', () => {
  it.each([
    ['1.2', { id: 'a' }],
    ['1.0', { id: 'a' }],
  ] as const)('of %s ends the subscription that it names, which is then unknown', async (version, named) => {
    const node = new MemoryNode();
    const client = await node.connected('ada', version);
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/a' });
    client.frame('SUBSCRIBE', { id: 'b', destination: '/topic/a' });

    client.frame('UNSUBSCRIBE', { ...named, receipt: 'r' });
    expect(header(await client.next(), 'receipt-id')).toBe('r');
    client.frame('SEND', { destination: '/topic/a' });
    expect(header(await client.next(), 'subscription')).toBe('b');

    client.frame('UNSUBSCRIBE', named);
    expect(header(await client.next(), 'code')).toBe('unknown_subscription');
  });

  it('of 1.0 may name the destination', async () => {
    const client = await new MemoryNode().connected('ada', '1.0');
    client.frame('SUBSCRIBE', { destination: '/topic/a' });
    client.frame('SUBSCRIBE', { destination: '/topic/b' });

    client.frame('UNSUBSCRIBE', { destination: '/topic/a', receipt: 'r' });
    await client.next();
    client.frame('SEND', { destination: '/topic/a' }).frame('SEND', { destination: '/topic/b' });

    expect(header(await client.next(), 'destination')).toBe('/topic/b');
  });

  it.each(['1.1', '1.2'] as const)('of %s needs an id', async (version) => {
    const client = await new MemoryNode().connected('ada', version);

    client.frame('UNSUBSCRIBE', { destination: '/topic/a' });

    expect(header(await client.next(), 'code')).toBe('missing_header');
  });
});

describe('reply-to', () => {
  it('below /temp-queue is a private address, the same one each time, whose answers come by its name', async () => {
    const node = new MemoryNode();
    const [asker, service] = [await node.connected('ada'), await node.connected('service')];
    service.frame('SUBSCRIBE', { id: '0', destination: '/topic/requests' });

    for (let i = 0; i < 2; i++)
      asker.frame('SEND', { destination: '/topic/requests', 'reply-to': '/temp-queue/x' });
    const [first, second] = [await service.next(), await service.next()];
    const address = header(first, 'reply-to');
    expect(address).not.toContain('/temp-queue/');
    expect(header(second, 'reply-to')).toBe(address);
    service.frame('SEND', { destination: address }, 'answer');

    const answer = await asker.next();
    expect([header(answer, 'subscription'), header(answer, 'destination')]).toEqual([
      '/temp-queue/x',
      '/temp-queue/x',
    ]);
  });

  it('that is none of these goes as it is', async () => {
    const client = await new MemoryNode().connected();
    client.frame('SUBSCRIBE', { id: '0', destination: '/topic/a' });

    client.frame('SEND', { destination: '/topic/a', 'reply-to': '/queue/answers' });

    expect(header(await client.next(), 'reply-to')).toBe('/queue/answers');
  });
});
