import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Broker } from './broker.js';
import { Feeds } from './feeds.js';
import { noLogs } from './log.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { Audience, Message } from './message.js';
import { Queues } from './queues.js';
import type { Relay, Relayed } from './relay.js';

/** Ties brokers of one process: each is told at once what another publishes. */
class MemoryRelay {
  readonly #brokers = new Map<string, Relayed>();
  readonly crossed: string[] = [];

  broker(name: string): Broker {
    const clock = new FakeClock();
    const fail = (error: unknown): void => expect.fail(String(error));
    const queues = new Queues(new ExclusiveQueueStore(new MemoryQueueTable(), clock), clock, limits, fail);
    const broker = new Broker(name, queues, new Feeds(noLogs, clock, limits, fail), this.#from(name));
    this.#brokers.set(name, broker);
    return broker;
  }

  #from(sender: string): Relay {
    return {
      publish: (message) => {
        this.crossed.push(`${sender}: ${textOf(message)}`);
        for (const [name, broker] of this.#brokers) if (name !== sender) broker.deliver(message);
      },
    };
  }
}

describe('brokers with a relay between them', () => {
  it.each(['/topic/rooms.7', '/topic/rooms.*', '/topic/**'])(
    'hear at %s what the other publishes, with the id that it got there',
    (subscribed) => {
      const relay = new MemoryRelay();
      const [here, there] = [relay.broker('a'), relay.broker('b')];
      const heard = listen(there, subscribed);

      const sent = publish(here, '/topic/rooms.7', 'hello');

      expect(heard).toEqual([sent]);
    },
  );

  it('hear it once, in order, and send nothing of it on', () => {
    const relay = new MemoryRelay();
    const [here, there] = [relay.broker('a'), relay.broker('b')];
    const [heardHere, heardThere] = [listen(here, '/topic/x'), listen(there, '/topic/x')];

    publish(here, '/topic/x', '1');
    publish(there, '/topic/x', '2');
    publish(here, '/topic/x', '3');

    expect(heardHere.map(textOf)).toEqual(['1', '2', '3']);
    expect(heardThere.map(textOf)).toEqual(['1', '2', '3']);
    expect(relay.crossed).toEqual(['a: 1', 'b: 2', 'a: 3']);
  });

  it('hand over here before they tell the others', () => {
    const relay = new MemoryRelay();
    const [here, there] = [relay.broker('a'), relay.broker('b')];
    const order: string[] = [];
    listen(there, '/topic/x', () => void order.push('there'));
    listen(here, '/topic/x', () => void order.push('here'));

    publish(here, '/topic/x', '1');

    expect(order).toEqual(['here', 'there']);
  });

  it('keep the audience of a message', () => {
    const relay = new MemoryRelay();
    const [here, there] = [relay.broker('a'), relay.broker('b')];
    const heard = listen(there, '/topic/x', () => {}, 'ada');

    publish(here, '/topic/x', 'not for ada', { except: 'ada' });
    publish(here, '/topic/x', 'for ada', { only: 'ada' });

    expect(heard.map(textOf)).toEqual(['for ada']);
  });

  it('count what was published on themselves', () => {
    const relay = new MemoryRelay();
    const [here, there] = [relay.broker('a'), relay.broker('b')];

    publish(here, '/topic/x', '1');

    expect([here.published, there.published]).toEqual([1, 0]);
  });
});

function publish(broker: Broker, address: string, body: string, audience?: Audience): Message {
  return broker.publish({
    address,
    headers: new Map(),
    body: Buffer.from(body),
    ...(audience && { audience }),
  });
}

function listen(
  broker: Broker,
  address: string,
  hears: (message: Message) => void = () => {},
  sessionId?: string,
): Message[] {
  const heard: Message[] = [];
  broker.subscribe(address, {
    ...(sessionId !== undefined && { sessionId }),
    deliver(message) {
      heard.push(message);
      hears(message);
    },
    hasCapacity: () => true,
    onCapacity: () => {},
  });
  return heard;
}

function textOf({ body }: Message): string {
  return Buffer.from(body).toString();
}
