import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { MemoryHub } from '../relay/memory-line.js';
import { BrokerNode } from '../session/broker-node.js';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { SessionEvents, type SessionEvent } from './events.js';
import { MessagingModule } from './messaging.module.js';
import { MessagingTemplate } from './template.js';
import { UserRegistry } from './user-registry.js';

const options = {
  authenticator: anybody,
  authorizer: { isAllowed: (_: unknown, __: unknown, address: string) => address !== '/topic/closed' },
};

@Module({ imports: [MessagingModule.forRoot(options)] })
class TestModule {}

let application: INestApplicationContext;
let events: SessionEvents;
const connect = (login: string): Promise<TestClient> => TestClient.connect(application, { login });

beforeEach(async () => {
  application = await NestFactory.createApplicationContext(TestModule, { logger: false });
  events = application.get(SessionEvents);
});
afterEach(() => application.close());

describe('the events of a session', () => {
  it('come in their order, the last one once', async () => {
    const told: string[] = [];
    events.all.subscribe((event) => told.push(event.type));
    const ada = await connect('ada');
    const news = await ada.subscribe('/topic/news');
    await ada.unsubscribe(news);
    await ada.subscribe('/topic/news');

    await ada.frame('DISCONNECT', {});
    await ada.ended();
    ada.leave();

    expect(told).toEqual([
      'connect',
      'connected',
      'subscribed',
      'unsubscribed',
      'subscribed',
      'disconnected',
    ]);
  });

  it('tell of a subscription once it hears, of a refused one nothing', async () => {
    const template = application.get(MessagingTemplate);
    const told: unknown[] = [];
    events.on('subscribed', ({ session, subscription }) => {
      told.push([session.user.name, subscription.destination]);
      template.convertAndSend(subscription.address, 'welcome');
    });
    const ada = await connect('ada');

    const news = await ada.subscribe('/topic/news');
    expect((await news.next()).body).toBe('welcome');
    await expect(ada.subscribe('/topic/closed')).rejects.toMatchObject({ code: 'forbidden' });

    expect(told).toEqual([['ada', '/topic/news']]);
  });

  it.each<[string, (client: TestClient) => void, string]>([
    ['a lost connection', (client) => client.leave(), 'closed'],
    ['a violation', (client) => void client.frame('NACK', { id: 'x' }).catch(() => {}), 'unknown_ack'],
  ])('say why it ended: %s', async (_, end, reason) => {
    const ended = new Promise<Extract<SessionEvent, { type: 'disconnected' }>>((resolve) => {
      events.on('disconnected', resolve);
    });
    const ada = await connect('ada');

    end(ada);

    expect(await ended).toMatchObject({ reason, user: { name: 'ada' } });
  });

  it('reach the other listeners where one throws', async () => {
    const told: string[] = [];
    events.on('connected', () => {
      throw new Error('a bug');
    });
    const stop = events.on('connected', ({ user }) => told.push(user.name));

    await connect('ada');
    stop();
    await connect('bob');

    expect(told).toEqual(['ada']);
  });
});

describe('the user registry', () => {
  it('shows who is here, with sessions and subscriptions', async () => {
    const users = application.get(UserRegistry);
    const [ada] = [await connect('ada'), await connect('ada'), await connect('bob')];
    await ada.subscribe('/user/queue/x');

    expect(users.users().map(({ name, sessions }) => [name, sessions.length])).toEqual([
      ['ada', 2],
      ['bob', 1],
    ]);
    expect(users.user('ada')?.sessions[0]?.subscriptions).toEqual([
      expect.objectContaining({ id: '0', destination: '/user/queue/x', address: '/user/ada/queue/x' }),
    ]);
    expect(users.findSubscriptions(({ address }) => address.endsWith('/queue/x'))).toHaveLength(1);

    ada.leave();
    expect(users.user('ada')?.sessions).toHaveLength(1);
    expect(users.user('carl')).toBeUndefined();
  });

  it('sends a user away with a code, or one session', async () => {
    const users = application.get(UserRegistry);
    const [one, two, bob] = [await connect('ada'), await connect('ada'), await connect('bob')];

    expect(users.disconnect({ session: two.wire.session.id }, 'forbidden')).toBe(1);
    expect(await two.ended()).toBe('forbidden');
    expect(users.disconnect({ user: 'ada' }, 'auth_revoked')).toBe(1);
    expect(await one.ended()).toBe('auth_revoked');
    expect(users.disconnect({ user: 'ada' }, 'auth_revoked')).toBe(0);

    await bob.send('/topic/x', 'still here');
  });

  it('sends a user away from every node', async () => {
    const hub = new MemoryHub();
    const nodes = await Promise.all(
      [1, 2].map(() => {
        const joined = MessagingModule.forRoot({ ...options, relay: { line: hub.line(limits) } });
        return NestFactory.createApplicationContext(joined, { logger: false });
      }),
    );
    const [here, there] = nodes as [INestApplicationContext, INestApplicationContext];
    const [ada, bob] = await Promise.all(['ada', 'bob'].map((login) => TestClient.connect(there, { login })));

    expect(here.get(UserRegistry).disconnect({ user: 'ada' }, 'auth_revoked')).toBe(0);

    expect(await ada?.ended()).toBe('auth_revoked');
    await bob?.send('/topic/x', 'still here');
    await Promise.all(nodes.map((node) => node.close()));
  });

  it.each([null, 7, {}, { user: 'ada' }, { user: 1, code: 'forbidden' }, { user: 'ada', code: 'not_found' }])(
    'passes over %j of another node',
    async (content) => {
      const ada = await connect('ada');
      const { broker } = application.get(BrokerNode);
      const body = Buffer.from(JSON.stringify(content));
      broker.deliver({ id: '1', address: '/node/users.disconnect', headers: new Map(), body });

      await ada.send('/topic/x', 'still here');
    },
  );
});
