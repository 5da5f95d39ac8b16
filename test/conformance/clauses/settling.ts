import assert from 'node:assert/strict';
import { everyVersion, only10, only11, only12, since11, type Clause } from '../clause.js';
import type { Client } from '../client.js';
import type { Lab } from '../lab.js';
import type { ServerFrame } from '../server-frame.js';

/** ACK, NACK, and the modes of SUBSCRIBE's ack header. */
export const settling: readonly Clause[] = [
  {
    id: 'ack-header',
    section: 'MESSAGE',
    level: 'MUST',
    versions: only12,
    rule: 'In the modes client and client-individual MESSAGE MUST contain an ack header.',
    check: async (lab) => {
      const client = await lab.connect();
      for (const room of ['topic', 'queue']) {
        const ids = new Set();
        for (const ack of ['client', 'client-individual']) {
          await client.subscribe(`${room}-${ack}`, `/${room}/a`, { ack });
          client.send(`/${room}/a`, 'hello');
          ids.add((await client.message('hello')).headers.get('ack'));
          await client.done('UNSUBSCRIBE', { id: `${room}-${ack}` });
          if (room === 'queue') await drained(client, '/queue/a');
        }
        assert.equal(ids.size, 2);
        assert.ok(!ids.has(undefined));
      }
    },
  },
  {
    id: 'ack-is-message-id',
    section: 'MESSAGE',
    level: 'ours',
    versions: only12,
    rule: 'The ack header is the message-id, which some clients settle by, unless two subscriptions of a connection hold the message.',
    check: async (lab) => {
      const client = await lab.connect();
      for (const id of ['1', '2']) await client.subscribe(id, '/topic/a', { ack: 'client-individual' });
      await client.subscribe('3', '/queue/a', { ack: 'client' });
      await client.subscribe('4', '/queue/a', { ack: 'client' });

      client.send('/queue/a', 'one').send('/queue/a', 'other');
      for (const body of ['one', 'other']) {
        const { headers } = await client.message(body);
        assert.equal(headers.get('ack'), headers.get('message-id'));
      }

      client.send('/topic/a', 'both');
      const [first, second] = [await client.message('both'), await client.message('both')];
      assert.equal(first.headers.get('message-id'), second.headers.get('message-id'));
      assert.equal(first.headers.get('ack'), first.headers.get('message-id'));
      assert.notEqual(second.headers.get('ack'), first.headers.get('ack'));
      await client.done('ACK', client.nameOf(second));
      await client.done('ACK', client.nameOf(first));
      client.settle('ACK', second, { receipt: 'r' });
      await client.refused('unknown_ack', 'r');
    },
  },
  {
    id: 'ack-auto',
    section: 'SUBSCRIBE ack Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'auto is the default: the server assumes the client has received the message as soon as it sends it.',
    check: async (lab) => {
      for (const headers of [{ ack: 'auto' }, {}]) {
        const queue = `/queue/${headers.ack ?? 'default'}`;
        const client = await lab.connect();
        await client.subscribe('1', queue, headers);
        client.send(queue, 'hello');
        await client.message('hello');
        await client.nothingMore();
        client.cut();

        const other = await lab.connect('bob');
        await other.subscribe('1', queue);
        await other.nothingMore();
      }
    },
  },
  {
    id: 'ack-settles',
    section: 'ACK',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A message is consumed once it was acknowledged, and comes to nobody again.',
    check: async (lab) => {
      for (const ack of modesOf(lab)) {
        const { client, message } = await consuming(lab, ack, 1);

        await client.done('ACK', client.nameOf(message(1)));
        client.frame('DISCONNECT');
        await client.ended(1000);

        assert.deepEqual(await leftIn(lab, '/queue/a'), []);
      }
    },
  },
  {
    id: 'ack-lost-connection',
    section: 'SUBSCRIBE ack Header',
    level: 'MAY',
    versions: everyVersion,
    rule: 'If the connection fails before the ACK, the message has not been processed: it is redelivered to another client, and says so.',
    check: async (lab) => {
      for (const ack of modesOf(lab)) {
        const { client } = await consuming(lab, ack, 2);
        const other = await lab.connect('bob');
        await other.subscribe('1', '/queue/a');

        client.cut();

        for (const body of ['1', '2']) {
          const { headers } = await other.message(body);
          assert.equal(headers.get('redelivered'), 'true');
        }
        await other.done('UNSUBSCRIBE', { id: '1' });
      }
    },
  },
  {
    id: 'ack-cumulative',
    section: 'SUBSCRIBE ack Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'client: the acknowledgment operates on the message and all sent to the subscription before it.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client', 4);

      await client.done('ACK', client.nameOf(message(3)));
      await client.done('UNSUBSCRIBE', { id: '1' });

      assert.deepEqual(await leftIn(lab, '/queue/a'), ['4']);
    },
  },
  {
    id: 'ack-cumulative-scope',
    section: 'SUBSCRIBE ack Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'It is cumulative within its subscription: messages of another one stay unsettled.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('a', '/queue/a', { ack: 'client' });
      await client.subscribe('b', '/queue/b', { ack: 'client' });
      client.send('/queue/a', '1').send('/queue/b', '2').send('/queue/a', '3');
      await client.message('1');
      await client.message('2');

      await client.done('ACK', client.nameOf(await client.message('3')));
      await client.done('UNSUBSCRIBE', { id: 'a' });
      await client.done('UNSUBSCRIBE', { id: 'b' });

      assert.deepEqual(await leftIn(lab, '/queue/a'), []);
      assert.deepEqual(await leftIn(lab, '/queue/b'), ['2']);
    },
  },
  {
    id: 'ack-individual',
    section: 'SUBSCRIBE ack Header',
    level: 'MUST',
    versions: since11,
    rule: 'client-individual: an ACK for a subsequent message MUST NOT cause a previous message to get acknowledged.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client-individual', 3);

      await client.done('ACK', client.nameOf(message(2)));
      await client.done('UNSUBSCRIBE', { id: '1' });

      assert.deepEqual(await leftIn(lab, '/queue/a'), ['1', '3']);
    },
  },
  {
    id: 'nack-individual',
    section: 'NACK',
    level: 'MUST',
    versions: since11,
    rule: 'client-individual: NACK applies to one single message, which comes again and says so.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client-individual', 3);

      client.settle('NACK', message(2));

      const again = await client.message('2');
      assert.equal(again.headers.get('redelivered'), 'true');
      assert.equal(again.headers.get('delivery-count'), '1');
      await client.nothingMore();
    },
  },
  {
    id: 'nack-cumulative',
    section: 'NACK',
    level: 'MUST',
    versions: since11,
    rule: 'client: NACK applies to the message and all sent before it and not yet settled, in that subscription.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client', 4);
      await client.done('ACK', client.nameOf(message(1)));

      client.settle('NACK', message(3));

      assert.deepEqual(await client.bodies(2), ['2', '3']);
      await client.nothingMore();
    },
  },
  {
    id: 'nack-elsewhere',
    section: 'NACK',
    level: 'MAY',
    versions: since11,
    rule: 'The server can send the message to a different client: it does where there is one.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client', 1);
      const other = await lab.connect('bob');
      await other.subscribe('1', '/queue/a');

      client.settle('NACK', message(1));

      await other.message('1');
      await client.nothingMore();
    },
  },
  {
    id: 'nack-dead-letter',
    section: 'NACK',
    level: 'MAY',
    versions: since11,
    rule: 'Or put it in a dead letter queue: it does after the last delivery, with where it came from and why.',
    limits: { queueDeliveries: 2 },
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client', 1);
      client.settle('NACK', message(1));
      await client.done('NACK', client.nameOf(await client.message('1')));
      await client.nothingMore();

      await client.subscribe('dead', '/queue/dlq/a');

      const { headers } = await client.message('1');
      assert.equal(headers.get('original-destination'), '/queue/a');
      assert.equal(headers.get('reason'), 'max-deliveries');
      assert.equal(headers.get('delivery-count'), '2');
    },
  },
  {
    id: 'nack-requeue',
    section: 'NACK',
    level: 'ours',
    versions: since11,
    rule: 'requeue:false sends what NACK names to the dead-letter queue at once, in a transaction at COMMIT; requeue:true is the default.',
    check: async (lab) => {
      for (const ack of modesOf(lab)) {
        const named = ack === 'client' ? ['2', '3'] : ['3'];
        const left = ack === 'client' ? [] : ['2'];
        for (const transaction of [undefined, 't']) {
          const { client, message } = await consuming(lab, ack, 3);
          await client.done('ACK', client.nameOf(message(1)));
          const held = transaction === undefined ? {} : { transaction };
          if (transaction !== undefined) client.frame('BEGIN', held);

          await client.done('NACK', { ...client.nameOf(message(3)), requeue: 'false', ...held });
          if (transaction !== undefined) await client.done('COMMIT', held);
          await client.done('UNSUBSCRIBE', { id: '1' });

          assert.deepEqual(await leftIn(lab, '/queue/a'), left);
          await client.subscribe('dead', '/queue/dlq/a');
          for (const body of named) {
            const { headers } = await client.message(body);
            assert.equal(headers.get('reason'), 'rejected');
            assert.equal(headers.get('original-destination'), '/queue/a');
            assert.equal(headers.get('delivery-count'), '1');
          }
          await client.nothingMore();
          client.frame('DISCONNECT');
          await client.ended(1000);
        }
      }
      const { client, message } = await consuming(lab, 'client', 1);
      client.settle('NACK', message(1), { requeue: 'true' });
      const again = await client.message('1');
      assert.equal(again.headers.get('redelivered'), 'true');
      client.settle('NACK', again, { requeue: 'perhaps', receipt: 'r' });
      await client.refused('invalid_header', 'r');
    },
  },
  {
    id: 'nack-requeue-elsewhere',
    section: 'NACK',
    level: 'ours',
    versions: since11,
    rule: 'Where there is no dead-letter queue, requeue:false is a plain NACK: of topics, and of dead letters, which stay.',
    limits: { queueDeliveries: 1 },
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a', { ack: 'client' });
      client.send('/topic/a', 'news');
      await client.done('NACK', { ...client.nameOf(await client.message('news')), requeue: 'false' });

      await client.subscribe('2', '/queue/a', { ack: 'client' });
      client.send('/queue/a', 'work');
      await client.done('NACK', { ...client.nameOf(await client.message('work')), requeue: 'false' });
      await client.subscribe('3', '/queue/dlq/a', { ack: 'client' });
      client.settle('NACK', await client.message('work'), { requeue: 'false' });
      const again = await client.message('work');
      assert.equal(again.headers.get('destination'), '/queue/dlq/a');
      assert.equal(again.headers.get('redelivered'), 'true');
      await client.nothingMore();
    },
  },
  {
    id: 'nack-none-1.0',
    section: 'STOMP 1.0, Client Commands',
    level: 'MAY',
    versions: only10,
    rule: '1.0 has no NACK: it is a command that is not in the list.',
    check: async (lab) => {
      const { client, message } = await consuming(lab, 'client', 1);

      client.settle('NACK', message(1), { receipt: 'r' });

      await client.refused('unknown_command', 'r');
    },
  },
  {
    id: 'ack-id-1.2',
    section: 'ACK',
    level: 'MUST',
    versions: only12,
    rule: 'ACK and NACK MUST include an id header matching the ack header of the MESSAGE.',
    check: async (lab) => {
      for (const command of ['ACK', 'NACK']) {
        const { client, message } = await consuming(lab, 'client', 1);
        const messageId = message(1).headers.get('message-id') ?? '';

        client.frame(command, { 'message-id': messageId, subscription: '1', receipt: 'r' });

        await client.refused('missing_header', 'r');
        await drained(await lab.connect('bob'), '/queue/a');
      }
    },
  },
  {
    id: 'ack-headers-1.1',
    section: 'STOMP 1.1, ACK',
    level: 'MUST',
    versions: only11,
    rule: 'ACK and NACK have two REQUIRED headers: message-id, and subscription, which must be the one it came with.',
    check: async (lab) => {
      for (const [wrong, code] of [
        [{ 'message-id': '' }, 'missing_header'],
        [{ subscription: '' }, 'missing_header'],
        [{ subscription: '2' }, 'unknown_ack'],
      ] as const) {
        const { client, message } = await consuming(lab, 'client', 1);
        await client.subscribe('2', '/queue/b', { ack: 'client' });

        client.settle('ACK', message(1), { receipt: 'r', ...wrong });

        await client.refused(code, 'r');
        await drained(await lab.connect('bob'), '/queue/a');
      }
    },
  },
  {
    id: 'ack-message-id-1.0',
    section: 'STOMP 1.0, ACK',
    level: 'MUST',
    versions: only10,
    rule: 'ACK has one required header, message-id.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('ACK', { receipt: 'r' });

      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'ack-subscription-1.0',
    section: 'STOMP 1.0, ACK',
    level: 'ours',
    versions: only10,
    rule: '1.0 knows no subscription in ACK: one that names none of the client says nothing (stomp-client writes "undefined").',
    check: async (lab) => {
      const client = await lab.connect();
      await client.done('SUBSCRIBE', { destination: '/queue/a', ack: 'client' });
      client.send('/queue/a', '1');

      await client.done('ACK', { ...client.nameOf(await client.message('1')), subscription: 'undefined' });

      await client.done('UNSUBSCRIBE', { destination: '/queue/a' });
      assert.deepEqual(await leftIn(lab, '/queue/a'), []);
    },
  },
  {
    id: 'ack-unknown',
    section: 'ACK',
    level: 'ours',
    versions: everyVersion,
    rule: 'A second ACK, one of an unknown id, one after UNSUBSCRIBE, and one of a message in the mode auto is unknown_ack.',
    check: async (lab) => {
      const twice = await consuming(lab, 'client', 1);
      twice.client.settle('ACK', twice.message(1)).settle('ACK', twice.message(1), { receipt: 'r' });
      await twice.client.refused('unknown_ack', 'r');

      const late = await consuming(lab, 'client', 1);
      await late.client.done('UNSUBSCRIBE', { id: '1' });
      late.client.settle('ACK', late.message(1), { receipt: 'r' });
      await late.client.refused('unknown_ack', 'r');
      await drained(await lab.connect('bob'), '/queue/a');

      for (const id of ['', '-', '0-', '0-q-999', '7-q-1', 'NaN-1']) {
        const client = await lab.connect();
        await client.subscribe('1', '/queue/a', { ack: 'client' });
        client.frame('ACK', { id: `${id}x`, 'message-id': `${id}x`, subscription: '1', receipt: 'r' });
        await client.refused('unknown_ack', 'r');
      }

      const auto = await lab.connect();
      await auto.subscribe('1', '/queue/b');
      auto.send('/queue/b', 'hello');
      const messageId = (await auto.message('hello')).headers.get('message-id') ?? '';
      auto.frame('ACK', { id: `0-${messageId}`, 'message-id': messageId, subscription: '1', receipt: 'r' });
      await auto.refused('unknown_ack', 'r');
    },
  },
  {
    id: 'ack-topic',
    section: 'ACK',
    level: 'ours',
    versions: everyVersion,
    rule: 'Messages of topics are acknowledged like others: the modes hold for every destination.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a', { ack: 'client' });
      client.send('/topic/a', '1').send('/topic/a', '2');
      const first = await client.message('1');

      await client.done('ACK', client.nameOf(await client.message('2')));

      client.settle('ACK', first, { receipt: 'r' });
      await client.refused('unknown_ack', 'r');
    },
  },
  {
    id: 'queue-one-consumer',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A message of a queue goes to exactly one consumer, and consumers are served in turn.',
    check: async (lab) => {
      const consumers = [await lab.connect('bob'), await lab.connect('carol')];
      for (const consumer of consumers) await consumer.subscribe('1', '/queue/a', { ack: 'client' });
      const sender = await lab.connect();

      for (const body of ['1', '2', '3', '4']) await sender.done('SEND', { destination: '/queue/a' }, body);

      assert.deepEqual(await consumers[0]?.bodies(2), ['1', '3']);
      assert.deepEqual(await consumers[1]?.bodies(2), ['2', '4']);
      for (const consumer of consumers) await consumer.nothingMore();
    },
  },
];

/** The modes that the version under test has. */
function modesOf({ version }: Lab): readonly string[] {
  return version === '1.0' ? ['client'] : ['client', 'client-individual'];
}

interface Consuming {
  readonly client: Client;
  /** The one with that body. */
  message(number: number): ServerFrame;
}

/** A consumer of `/queue/a`, subscription `1`, with so many messages in hand: `1`, `2`, `3` … */
async function consuming(lab: Lab, ack: string, count: number): Promise<Consuming> {
  const client = await lab.connect();
  await client.subscribe('1', '/queue/a', { ack });
  for (let i = 1; i <= count; i++) client.send('/queue/a', String(i));
  const messages: ServerFrame[] = [];
  for (let i = 1; i <= count; i++) messages.push(await client.message(String(i)));
  return { client, message: (number) => messages[number - 1] ?? assert.fail() };
}

/** What a queue holds that nobody has in hand. */
async function leftIn(lab: Lab, queue: string): Promise<string[]> {
  return drained(await lab.connect('bob'), queue);
}

async function drained(client: Client, queue: string): Promise<string[]> {
  await client.subscribe('drain', queue);
  client.send(queue, 'the last');
  const bodies = [];
  for (;;) {
    const body = (await client.message()).body.toString();
    if (body === 'the last') break;
    bodies.push(body);
  }
  await client.done('UNSUBSCRIBE', { id: 'drain' });
  return bodies;
}
