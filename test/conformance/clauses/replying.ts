import assert from 'node:assert/strict';
import { everyVersion, type Clause } from '../clause.js';

/** Private addresses for answers: `reply-to:/temp-queue/…`, as RabbitMQ has them. */
export const replying: readonly Clause[] = [
  {
    id: 'reply-to',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'reply-to:/temp-queue/x comes as an address of the sender alone; answers come to it without a SUBSCRIBE, as subscription /temp-queue/x.',
    check: async (lab) => {
      const [client, server] = [await lab.connect('ada'), await lab.connect('bob')];
      await server.subscribe('1', '/topic/rpc');
      const addresses = new Set<string>();
      for (const [name, body] of [
        ['a', '1'],
        ['a', '2'],
        ['b', '3'],
      ] as const) {
        const asked = { 'reply-to': `/temp-queue/${name}`, 'correlation-id': body };
        client.send('/topic/rpc', body, asked);
        const { headers } = await server.message(body);
        const replyTo = headers.get('reply-to') ?? '';
        assert.notEqual(replyTo, asked['reply-to']);
        addresses.add(replyTo);

        await server.done('SEND', { destination: replyTo, 'correlation-id': body }, `re: ${body}`);
        const answer = await client.message(`re: ${body}`);
        assert.equal(answer.headers.get('subscription'), `/temp-queue/${name}`);
        assert.equal(answer.headers.get('destination'), `/temp-queue/${name}`);
        assert.equal(answer.headers.get('correlation-id'), body);
      }
      assert.equal(addresses.size, 2, 'one name is one address, two are two');
      await server.nothingMore();
    },
  },
  {
    id: 'reply-to-private',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A reply address can be neither subscribed to nor made up, and the same name of two sessions is two addresses.',
    check: async (lab) => {
      const server = await lab.connect('bob');
      await server.subscribe('1', '/topic/rpc');
      const clients = [await lab.connect('ada'), await lab.connect('ada')];
      const addresses = [];
      for (const [i, client] of clients.entries()) {
        client.send('/topic/rpc', `${i}`, { 'reply-to': '/temp-queue/a' });
        addresses.push((await server.message(`${i}`)).headers.get('reply-to') ?? '');
      }
      assert.notEqual(addresses[0], addresses[1]);
      for (const [i, address] of addresses.entries()) {
        await server.done('SEND', { destination: address }, `to ${i}`);
        await clients[i]?.message(`to ${i}`);
        await clients[1 - i]?.nothingMore();

        const spy = await lab.connect('carol');
        spy.frame('SUBSCRIBE', { id: '1', destination: address, receipt: 'r' });
        await spy.refused('forbidden', 'r');
      }
      for (const destination of ['/temp-queue/a', '/reply-queue/a', '/reply-queue/']) {
        const guesser = await lab.connect('carol');
        guesser.send(destination, '', { receipt: 'r' });
        await guesser.refused('unknown_destination', 'r');
      }
      const subscriber = await lab.connect('carol');
      subscriber.frame('SUBSCRIBE', { id: '1', destination: '/temp-queue/a', receipt: 'r' });
      await subscriber.refused('unknown_destination', 'r');
    },
  },
  {
    id: 'reply-to-gone',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'It ends with UNSUBSCRIBE of its id and with its session. An answer that comes too late is dropped in silence.',
    check: async (lab) => {
      const [client, server] = [await lab.connect('ada'), await lab.connect('bob')];
      await server.subscribe('1', '/topic/rpc');
      const handed = async (): Promise<string> => {
        client.send('/topic/rpc', '?', { 'reply-to': '/temp-queue/a' });
        return (await server.message('?')).headers.get('reply-to') ?? '';
      };

      const first = await handed();
      await client.done('UNSUBSCRIBE', { id: '/temp-queue/a' });
      await server.done('SEND', { destination: first }, 'too late');
      const second = await handed();
      assert.notEqual(second, first);
      await server.done('SEND', { destination: second }, 'in time');
      await client.message('in time');
      await client.nothingMore();

      client.frame('DISCONNECT');
      await client.ended(1000);
      await server.done('SEND', { destination: second }, 'too late');
      await server.nothingMore();
    },
  },
  {
    id: 'reply-to-limit',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'Reply addresses count as subscriptions do.',
    limits: { subscriptions: 2 },
    check: async (lab) => {
      const client = await lab.connect();
      for (const name of ['a', 'b', 'b', 'a'])
        await client.done('SEND', { destination: '/topic/rpc', 'reply-to': `/temp-queue/${name}` });

      client.send('/topic/rpc', '', { 'reply-to': '/temp-queue/c', receipt: 'r' });

      await client.refused('subscription_limit', 'r');
    },
  },
  {
    id: 'reply-to-elsewhere',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'Any other reply-to goes as it is; in queues and transactions, and from method to method, it works the same way.',
    check: async (lab) => {
      const [client, server] = [await lab.connect('ada'), await lab.connect('bob')];
      await server.subscribe('1', '/queue/rpc');
      for (const replyTo of [
        '/queue/answers',
        '/temp-queue/',
        '/temp-queue',
        'temp-queue/a',
        'bob@example.org',
      ]) {
        client.send('/queue/rpc', '?', { 'reply-to': replyTo });
        assert.equal((await server.message('?')).headers.get('reply-to'), replyTo);
      }

      client.frame('BEGIN', { transaction: 't' });
      client.send('/queue/rpc', 'held', { 'reply-to': '/temp-queue/a', transaction: 't' });
      client.frame('COMMIT', { transaction: 't' });
      const { headers } = await server.message('held');
      server.send(headers.get('reply-to') ?? '', 'answer', { 'reply-to': '/temp-queue/b' });
      const answer = await client.message('answer');
      client.send(answer.headers.get('reply-to') ?? '', 'and back');
      const back = await server.message('and back');
      assert.equal(back.headers.get('subscription'), '/temp-queue/b');
    },
  },
];
