import { describe, expect, it } from 'vitest';
import type { Message } from '../broker/message.js';
import { AckNames } from './ack-names.js';
import { SessionSubscription, type SubscriptionOwner, type SubscriptionRequest } from './subscription.js';

const topic: SubscriptionRequest = {
  kind: 'topic',
  id: 's',
  destination: '/topic/a',
  address: '/topic/a',
  mode: 'client-individual',
  prefetch: 2,
};
const queue: SubscriptionRequest = { ...topic, kind: 'queue', destination: '/queue/a', address: '/queue/a' };

describe('a subscription in the mode auto', () => {
  it('holds nothing, and settles what is of a queue as soon as it is told', () => {
    const { subscription, log } = subscribe({ ...queue, mode: 'auto' });

    subscription.deliver(message('1'));

    expect(log).toEqual(['told 1 as undefined', 'settled 1']);
  });

  it('settles nothing of a topic', () => {
    const { subscription, log } = subscribe({ ...topic, mode: 'auto' });

    subscription.deliver(message('1'));

    expect(log).toEqual(['told 1 as undefined']);
  });
});

describe('a subscription whose client settles', () => {
  it('takes a place for each message, and bytes of those that their queue keeps', () => {
    const ofTopic = subscribe(topic);
    const ofQueue = subscribe(queue);

    ofTopic.subscription.deliver(message('1'));
    ofQueue.subscription.deliver(message('1'));

    expect(ofTopic.held()).toEqual({ places: 1, bytes: 0 });
    expect(ofQueue.held()).toEqual({ places: 1, bytes: 'body'.length });
    expect(ofQueue.log).toEqual([expect.stringMatching(/^told 1 as .+/)]);
  });

  it('gives them back when it is settled, but for what took none', () => {
    const { subscription, held } = subscribe(queue);
    subscription.deliver(message('1'));
    subscription.deliver({ ...message('2'), isControl: true });
    expect(held().places).toBe(1);

    subscription.settled(subscription.take('2') ?? []);
    expect(held().places).toBe(1);
    subscription.settled(subscription.take('1') ?? []);

    expect(held()).toEqual({ places: 0, bytes: 0 });
  });

  it('has capacity below its prefetch, and calls back once when there is some again', () => {
    const { subscription } = subscribe(queue);
    const called: string[] = [];
    subscription.deliver(message('1'));
    expect(subscription.hasCapacity()).toBe(true);
    subscription.deliver(message('2'));
    expect(subscription.hasCapacity()).toBe(false);
    subscription.onCapacity(() => called.push('capacity'));
    subscription.capacityFreed();
    expect(called).toEqual([]);

    subscription.settled(subscription.take('1') ?? []);
    subscription.capacityFreed();
    subscription.capacityFreed();

    expect(called).toEqual(['capacity']);
  });

  it('asks its wire once, however often it is asked itself, and again the next time', () => {
    const { subscription, wire } = subscribe(queue);
    const called: string[] = [];
    wire.isFull = true;
    subscription.onCapacity(() => called.push('first'));
    subscription.capacityFreed();
    subscription.capacityFreed();
    expect(wire.waiting).toHaveLength(1);

    wire.drain();
    expect(called).toEqual(['first']);
    wire.isFull = true;
    subscription.onCapacity(() => called.push('second'));
    expect(wire.waiting).toHaveLength(1);
    wire.drain();

    expect(called).toEqual(['first', 'second']);
  });
});

describe('a subscription that was closed', () => {
  it('gives back all that it held, leaves its address, and is told nothing more', () => {
    const { subscription, held, log, names } = subscribe(queue);
    subscription.register({ close: () => void log.push('left') });
    subscription.deliver(message('1'));
    const taken = subscription.take('1') ?? [];
    subscription.deliver(message('2'));
    log.length = 0;

    subscription.close();
    subscription.close();
    subscription.settled(taken);
    subscription.deliver(message('3'));

    expect(log).toEqual(['left']);
    expect(held()).toEqual({ places: 0, bytes: 0 });
    expect(subscription.isClosed).toBe(true);
    expect(names.resolve('2')).toBeUndefined();
  });

  it('is not called back', () => {
    const { subscription, wire } = subscribe(queue);
    const called: string[] = [];
    wire.isFull = true;
    subscription.onCapacity(() => called.push('capacity'));

    subscription.close();
    wire.drain();

    expect(called).toEqual([]);
  });
});

it.each([
  [undefined, false],
  [true, true],
])('whether it hears of gaps is said by its client: %s', (hearsGaps, heard) => {
  const { subscription } = subscribe({ ...topic, ...(hearsGaps !== undefined && { hearsGaps }) });

  expect(subscription.hearsGaps).toBe(heard);
});

function message(id: string): Message {
  return { id, address: '/queue/a', headers: new Map(), body: Buffer.from('body') };
}

/** A subscription of a connection that writes down what comes of it. */
function subscribe(request: SubscriptionRequest): {
  subscription: SessionSubscription;
  log: string[];
  wire: { isFull: boolean; waiting: (() => void)[]; drain(): void };
  names: AckNames;
  held: () => { places: number; bytes: number };
} {
  const log: string[] = [];
  const total = { places: 0, bytes: 0 };
  const wire = {
    isFull: false,
    waiting: [] as (() => void)[],
    drain(): void {
      wire.isFull = false;
      for (const callback of wire.waiting.splice(0)) callback();
    },
  };
  const names = new AckNames();
  const owner: SubscriptionOwner = {
    id: 'session',
    user: { name: 'ada' },
    transport: 'memory',
    ackNames: names,
    settleDelivered: ({ id }) => void log.push(`settled ${id}`),
    hasCapacity: () => !wire.isFull,
    onCapacity: (callback) => void wire.waiting.push(callback),
    addUnsettled: (change) => void (total.places += change),
    hasUnsettledPlace: () => true,
    addUnsettledBytes: (change) => void (total.bytes += change),
  };
  const subscription = new SessionSubscription(request, 1, owner, {
    show: (shown) => shown,
    tell: ({ id }, ack) => void log.push(`told ${id} as ${ack}`),
  });
  return { subscription, log, wire, names, held: () => ({ ...total }) };
}
