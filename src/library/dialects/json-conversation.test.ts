import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userAddress } from '../broker/address.js';
import type { Log } from '../broker/log.js';
import { Refusal } from '../errors.js';
import { limits } from '../limits.js';
import type { Application, Wire } from '../session/ports.js';
import { MemoryNode } from '../testing/memory-node.js';
import { Census } from './census.js';
import { ChannelMessages } from './channel-messages.js';
import { OWN_QUEUE, topicOf } from './channels.js';
import { ChannelSocket, doorOf, ownDoor, type Door } from './channel-socket.js';
import { JsonConversation, type Dialect } from './json-conversation.js';
import type { JsonObject } from './json-object.js';
import { NotificationSocket } from './notification-socket.js';

/** A socket in plain objects. */
class Client implements Wire {
  readonly transport = 'json';
  readonly isTextOnly = true;
  readonly silenceMarginMs = 0;
  readonly said: JsonObject[] = [];
  closed: string | undefined;
  probes = 0;
  isPaused = false;
  readonly conversation: JsonConversation;

  constructor(
    node: MemoryNode,
    census: Census,
    given: Partial<typeof limits> = {},
    dialect: Dialect = new NotificationSocket({ destination: '/queue/notifications' }),
  ) {
    const { broker, registry, clock } = node;
    const services = {
      ...{ broker, registry, clock, census },
      limits: { ...limits, ...given },
      observer: {},
      authorizer: { isAllowed: () => true },
      authenticator: {
        authenticate: ({ authorization = '' }: { authorization: string | undefined }) =>
          Promise.resolve(node.user(authorization.slice('Bearer '.length))),
      },
    };
    const arrival = { path: '/notifications', query: '', authorization: undefined };
    this.conversation = new JsonConversation(
      { wire: this, remoteAddress: '10.0.0.1', arrival },
      dialect,
      services,
    );
  }

  say(...messages: unknown[]): this {
    for (const message of messages) this.conversation.receive(Buffer.from(JSON.stringify(message)));
    return this;
  }

  async signIn(name = 'ada'): Promise<this> {
    this.say({ action: 'authenticate', token: name });
    await settled();
    const [answer] = this.said.splice(0);
    if (answer?.type !== 'authenticated') throw new Error(`${name} was answered ${JSON.stringify(answer)}`);
    return this;
  }

  send(json: Uint8Array): void {
    if (this.closed !== undefined) throw new Error('It spoke after its close');
    this.said.push(JSON.parse(Buffer.from(json).toString()) as JsonObject);
  }

  close(code: number, reason: string): void {
    this.closed ??= `${code} ${reason}`;
  }

  hasCapacity(): boolean {
    return true;
  }
  onCapacity(): void {}
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  probe(): boolean {
    this.probes++;
    return true;
  }
}

/** What waits for promises alone is done. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
}

function nodeWithInbox(): MemoryNode {
  return new MemoryNode({
    logOf: (address) => (address.endsWith('/queue/notifications') ? log : undefined),
  });
}

const head = { epoch: 'e', seq: 0, earliest: 0 };
const log: Log = {
  head: () => Promise.resolve(head),
  renew: () => Promise.resolve(head),
  delivered: () => Promise.resolve(),
  read: () => Promise.resolve([]),
};

describe('a JSON socket', () => {
  it('ends a connection that has not signed in within its time', async () => {
    const node = nodeWithInbox();
    const client = new Client(node, new Census(9));

    node.clock.pass(limits.connectMs);

    expect(client.said).toMatchObject([{ type: 'error', code: 'auth_timeout' }]);
    expect(client.closed).toBe('4401 auth_timeout');
    expect([node.registry.strangers.connections, node.clock.pending]).toEqual([0, 0]);
  });

  it('handles ten messages a second, tells of the others once a second, and ends what goes on', async () => {
    const node = nodeWithInbox();
    const client = await new Client(node, new Census(9)).signIn();

    for (let i = 0; i < 12; i++) client.say({ action: 'ping' });
    expect(client.said.map(({ type, code }) => code ?? type)).toEqual([
      ...Array<string>(9).fill('pong'),
      'rate_limited',
    ]);
    client.said.length = 0;
    node.clock.pass(1_000);
    client.say({ action: 'ping' });
    expect(client.said).toMatchObject([{ type: 'pong' }]);

    for (let i = 0; i < 200; i++) client.say({ action: 'ping' });
    expect(client.closed).toBe('4429 rate_limited');
  });

  it('ends a peer that answers no ping, and not one that does', async () => {
    const node = nodeWithInbox();
    const census = new Census(9);
    const [dead, alive] = [
      await new Client(node, census).signIn('dead'),
      await new Client(node, census).signIn(),
    ];

    for (let i = 0; i < 3; i++) {
      node.clock.pass(limits.pingMs);
      alive.conversation.heard();
    }

    expect([dead.closed, alive.closed]).toEqual(['4408 heartbeat_timeout', undefined]);
    expect(census.signedIn).toBe(1);
  });

  it('has so many places for strangers of one network, and so many for those who have signed in', async () => {
    const node = nodeWithInbox();
    const census = new Census(2);
    const [one, , third] = [1, 2, 3].map(() => new Client(node, census, { jsonConnections: 1 }));
    await settled();
    expect(third?.closed).toBe('4429 connection_limit');

    await one?.signIn();
    const another = new Client(node, census, { jsonConnections: 1 });
    another.say({ action: 'authenticate', token: 'bob' });
    await settled();
    expect(another.said).toMatchObject([{ type: 'error', code: 'connection_limit' }]);

    one?.conversation.disconnected();
    await new Client(node, census, { jsonConnections: 1 }).signIn('bob');
  });

  it('reads no more while a message is done, and takes those behind it in turn', async () => {
    const client = new Client(nodeWithInbox(), new Census(9));
    client.say(
      { action: 'authenticate', token: 'ada' },
      { action: 'subscribe', event_type: 'a' },
      { action: 'ping' },
    );
    expect(client.isPaused).toBe(true);

    await settled();

    expect(client.said.map(({ type }) => type)).toEqual(['authenticated', 'subscribed', 'pong']);
    expect(client.isPaused).toBe(false);
  });

  it('goes with its connection, whatever was being done', async () => {
    const node = nodeWithInbox();
    const client = new Client(node, new Census(9));
    client.say({ action: 'authenticate', token: 'ada' }, { action: 'subscribe', event_type: 'a' });
    client.conversation.disconnected();
    await settled();

    expect([client.said, node.registry.count, node.clock.pending]).toEqual([[], 0, 0]);
  });

  it('says that it drains, and that a login was ended', async () => {
    const node = nodeWithInbox();
    const census = new Census(9);
    const [one, two] = [
      await new Client(node, census).signIn(),
      await new Client(node, census).signIn('bob'),
    ];

    node.revoke('bob');
    one.conversation.terminate('server_drain');

    expect([one.closed, two.closed]).toEqual(['1001 server_drain', '4401 auth_revoked']);
    expect(two.said).toMatchObject([{ type: 'error', code: 'auth_revoked', retryable: true }]);
  });

  it('says of a topic that something of it may be lost', async () => {
    const node = nodeWithInbox();
    const client = await new Client(node, new Census(9)).signIn();
    client.say({ action: 'subscribe', event_type: '/topic/prices' });
    await settled();
    client.said.length = 0;

    node.broker.missed((address) => address === '/topic/prices', 0);

    expect(client.said).toEqual([
      { type: 'gap', topic: '/topic/prices', data: { since: '1970-01-01T00:00:00.000Z' } },
    ]);
  });

  it('says of what a topic brings when it was said, where that stands in it, else when it came', async () => {
    const node = nodeWithInbox();
    const client = await new Client(node, new Census(9)).signIn();
    client.say({ action: 'subscribe', event_type: '/topic/news' });
    await settled();
    client.said.length = 0;

    for (const body of [{ timestamp: '2025-10-24T12:00:00.000Z' }, { timestamp: 'then' }, 7])
      node.broker.publish({
        address: '/topic/news',
        headers: new Map([['content-type', 'application/json']]),
        body: Buffer.from(JSON.stringify(body)),
      });

    const now = Math.floor(node.clock.now() / 1_000);
    expect(client.said.map(({ timestamp }) => timestamp)).toEqual([1_761_307_200, now, now]);
  });

  it('answers any JSON in any order exactly once, or closes', async () => {
    const actions = fc.constantFrom(
      'authenticate',
      'subscribe',
      'unsubscribe',
      'ping',
      'stats',
      'ack',
      'x',
      7,
    );
    const message = fc.oneof(
      { weight: 5, arbitrary: fc.record({ action: actions }, { requiredKeys: [] }) },
      {
        weight: 10,
        arbitrary: fc.record(
          {
            action: actions,
            event_type: fc.oneof(
              fc.constantFrom('*', 'a', 'b', '/topic/a', '/topic/**', '/queue/a'),
              fc.jsonValue(),
            ),
            token: fc.oneof(fc.constantFrom('ada', ''), fc.jsonValue()),
            since: fc.oneof(fc.constant('earliest'), fc.jsonValue()),
            cursor: fc.jsonValue(),
          },
          { requiredKeys: ['action'] },
        ),
      },
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
        const node = nodeWithInbox();
        const client = new Client(node, new Census(9), { jsonMessagesPerSecond: 100 });
        for (const one of messages) {
          client.say(one);
          await settled();
          // A verdict follows the answer, and an error comes before the close.
          const answers = client.said.splice(0).filter(({ type }) => type !== 'resume');
          expect(answers).toHaveLength(1);
          if (client.closed !== undefined) break;
        }
        expect(node.faults).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Door]>([
    ['a channel', doorOf('a', undefined)],
    ['the own channel', ownDoor],
    ['system', doorOf('system', undefined)],
  ])('of %s answers any JSON in any order exactly once, or closes', async (_, door) => {
    const words = fc.constantFrom('authenticate', 'ping', 'echo', 'fail', 'dance', 'Not a word', 7);
    const param = fc.oneof(fc.constantFrom({ token: 'ada' }, { token: '' }, {}), fc.jsonValue());
    const channel = fc.oneof(fc.constantFrom('a', 'system', 'user-ada', 'b'), fc.jsonValue());
    const known = fc.record({ cmd: words, param, channel }, { requiredKeys: ['cmd'] });
    const message = fc.oneof({ weight: 10, arbitrary: known }, fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
        const node = nodeWithInbox();
        const client = channelClient(node, door);
        for (const one of messages) {
          client.say(one);
          await settled();
          expect(client.said.splice(0)).toHaveLength(1);
          if (client.closed !== undefined) break;
        }
        expect(node.faults).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

/** In an application whose methods answer what they are told, and fail. */
function channelClient(node: MemoryNode, door: Door): Client {
  const application: Application = {
    handles: (_, destination) => /\/(echo|fail)$/.test(destination),
    send: async ({ destination, session, body }) => {
      if (destination.endsWith('/fail')) throw new Refusal('forbidden', 'No.');
      const [, channel = ''] = /channels\/(.*)\/echo$/.exec(destination) ?? [];
      const own = channel.startsWith('user-');
      node.broker.publish({
        address: own ? userAddress(session.user.name, OWN_QUEUE) : topicOf(channel),
        headers: new Map([['content-type', 'application/json']]),
        body,
      });
    },
    subscribe: async () => undefined,
  };
  const services = {
    options: { inbox: '/queue/notifications' },
    application,
    messages: new ChannelMessages(),
  };
  const arrival = { path: '/channels/a', query: '', authorization: undefined };
  const given = { jsonMessagesPerSecond: 100 };
  return new Client(node, new Census(9), given, new ChannelSocket({ door }, arrival, services));
}
