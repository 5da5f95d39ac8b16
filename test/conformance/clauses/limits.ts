import assert from 'node:assert/strict';
import { everyVersion, type Clause } from '../clause.js';
import { connectHeaders } from '../lab.js';

/** Size Limits, and the limits on everything else that a client can make grow: at each, and over it. */
export const limiting: readonly Clause[] = [
  {
    id: 'limit-headers',
    section: 'Size Limits',
    level: 'MAY',
    versions: everyVersion,
    rule: 'The number of headers in a frame is limited; over it: ERROR, then the close. Repeated ones count.',
    limits: { headers: 10 },
    check: async (lab) => {
      const client = await lab.connect();
      const most = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`h${i}`, 'x']));

      await client.done('SEND', { destination: '/topic/a', ...most });
      client.frame(
        'SEND',
        [...Array(11)].map(() => ['destination', '/topic/a'] as const),
      );

      await client.refused('frame_too_large');
    },
  },
  {
    id: 'limit-header-line',
    section: 'Size Limits',
    level: 'MAY',
    versions: everyVersion,
    rule: 'The length of a header line is limited, and so before it has ended.',
    limits: { headerLineBytes: 100 },
    check: async (lab) => {
      const client = await lab.connect();
      const long = 'x'.repeat(100 - 'long:'.length);

      await client.done('SEND', { destination: '/topic/a', long });
      client.frame('SEND', { destination: '/topic/a', receipt: 'r', long: `${long}x` });
      await client.refused('frame_too_large', 'r');

      const endless = await lab.connect();
      endless.raw(`SEND\nlong:${'x'.repeat(200)}`);
      await endless.refused('frame_too_large');
    },
  },
  {
    id: 'limit-body',
    section: 'Size Limits',
    level: 'MAY',
    versions: everyVersion,
    rule: 'The size of a body is limited: a counted one is refused before it comes, an uncounted one when it is over.',
    limits: { bodyBytes: 1_000 },
    check: async (lab) => {
      const destination = '/topic/a';
      const client = await lab.connect();
      await client.done('SEND', { destination }, 'x'.repeat(1_000));
      await client.done('SEND', { destination, 'content-length': '1000' }, 'x'.repeat(1_000));

      client.raw(`SEND\ndestination:/topic/a\nreceipt:r\ncontent-length:1001\n\n`);
      await client.refused('frame_too_large', 'r');

      const uncounted = await lab.connect();
      uncounted.raw(`SEND\ndestination:/topic/a\nreceipt:r\n\n${'x'.repeat(1_001)}`);
      await uncounted.refused('frame_too_large', 'r');
    },
  },
  {
    id: 'limit-body-default',
    section: 'Size Limits',
    level: 'ours',
    versions: everyVersion,
    rule: 'By default a body of 1 MiB passes, and one octet more does not.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      const body = 'x'.repeat(1024 * 1024);

      client.send('/topic/a', body);
      assert.equal((await client.message()).body.length, body.length);

      client.send('/topic/a', `${body}x`, { receipt: 'r' });
      await client.refused('frame_too_large', 'r');
    },
  },
  {
    id: 'limit-error-arrives',
    section: 'Connection Lingering',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A client that is still sending gets the ERROR all the same: what it sends is read and thrown away for a moment.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/nowhere', '', { receipt: 'r' });
      for (let i = 0; i < 10; i++) client.send('/topic/a', 'x'.repeat(20_000));

      await client.refused('unknown_destination', 'r');
    },
  },
  {
    id: 'limit-subscriptions',
    section: 'Conformance',
    level: 'MAY',
    versions: everyVersion,
    rule: 'Subscriptions of a connection are limited.',
    limits: { subscriptions: 2 },
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      await client.subscribe('2', '/topic/b');
      await client.done('UNSUBSCRIBE', { id: '1' });
      await client.subscribe('3', '/topic/c');

      client.frame('SUBSCRIBE', { id: '4', destination: '/topic/d', receipt: 'r' });

      await client.refused('subscription_limit', 'r');
    },
  },
  {
    id: 'limit-transactions',
    section: 'Conformance',
    level: 'MAY',
    versions: everyVersion,
    rule: 'What open transactions hold is limited, in bytes and in their number; what is ended no longer counts.',
    limits: { transactionBytes: 4_000 },
    check: async (lab) => {
      const client = await lab.connect();
      for (let i = 0; i < 3; i++) {
        client.frame('BEGIN', { transaction: 't' }).send('/topic/a', 'x'.repeat(3_000), { transaction: 't' });
        await client.done(i === 0 ? 'ABORT' : 'COMMIT', { transaction: 't' });
      }
      client.frame('BEGIN', { transaction: 't' });
      client.send('/topic/a', 'x'.repeat(4_000), { transaction: 't', receipt: 'r' });
      await client.refused('transaction_too_large', 'r');

      const many = await lab.connect();
      for (let i = 0; i < 50; i++) many.frame('BEGIN', { transaction: `t${i}` });
      await many.refused('transaction_too_large');
    },
  },
  {
    id: 'limit-unsettled',
    section: 'Conformance',
    level: 'MAY',
    versions: everyVersion,
    rule: 'Unsettled messages of a connection are limited: queues wait for it, topics close it with slow_consumer.',
    limits: { unsettled: 3 },
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/queue/a', { ack: 'client' });
      for (const body of ['1', '2', '3', '4']) await client.done('SEND', { destination: '/queue/a' }, body);
      assert.deepEqual(await client.bodies(2), ['1', '2']);
      const third = await client.message('3');
      await client.nothingMore();
      await client.done('ACK', client.nameOf(third));
      await client.message('4');

      await client.subscribe('2', '/topic/a', { ack: 'client' });
      for (let i = 0; i < 3; i++) client.send('/topic/a', 'pushed');
      assert.deepEqual(await client.bodies(2), ['pushed', 'pushed']);
      await client.refused('slow_consumer');
    },
  },
  {
    id: 'limit-connections',
    section: 'Connecting',
    level: 'MAY',
    versions: everyVersion,
    rule: 'The server can reject any connection attempt: connections of one user are limited.',
    limits: { connectionsPerUser: 2 },
    check: async (lab) => {
      await lab.connect();
      const second = await lab.connect();
      const third = await lab.open();

      third.frame('CONNECT', connectHeaders(lab.version));
      await third.refused('connection_limit');

      second.frame('DISCONNECT');
      await second.ended(1000);
      await lab.connect();
    },
  },
  {
    id: 'limit-queue',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A queue at its length refuses a SEND; what it accepted before is not given up for it.',
    limits: { queueMessages: 2 },
    check: async (lab) => {
      const client = await lab.connect();
      for (const body of ['1', '2']) await client.done('SEND', { destination: '/queue/a' }, body);

      client.send('/queue/a', '3', { receipt: 'r' });

      await client.refused('queue_full', 'r');
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/queue/a');
      assert.deepEqual(await reader.bodies(2), ['1', '2']);
    },
  },
];
