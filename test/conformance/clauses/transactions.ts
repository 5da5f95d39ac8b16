import assert from 'node:assert/strict';
import { everyVersion, since11, type Clause } from '../clause.js';

/** BEGIN, COMMIT, ABORT, and the header transaction. */
export const transactions: readonly Clause[] = [
  {
    id: 'transaction-commit',
    section: 'COMMIT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'What is sent in a transaction is delivered at COMMIT, in order, and not before.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/a');
      await reader.subscribe('2', '/queue/a');
      const client = await lab.connect();

      client.frame('BEGIN', { transaction: 't' });
      client.send('/topic/a', '1', { transaction: 't' }).send('/topic/a', '2', { transaction: 't' });
      client.send('/queue/a', '3', { transaction: 't' });
      await client.done('SEND', { destination: '/topic/a' }, 'outside');
      await reader.message('outside');
      await reader.nothingMore();

      await client.done('COMMIT', { transaction: 't' });
      assert.deepEqual((await reader.bodies(3)).toSorted(), ['1', '2', '3']);
    },
  },
  {
    id: 'transaction-abort',
    section: 'ABORT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'ABORT rolls a transaction back: what was sent in it never happened.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      await client.subscribe('2', '/queue/a');

      client.frame('BEGIN', { transaction: 't' });
      client.send('/topic/a', '1', { transaction: 't' }).send('/queue/a', '2', { transaction: 't' });
      await client.done('ABORT', { transaction: 't' });

      await client.nothingMore();
    },
  },
  {
    id: 'transaction-ack',
    section: 'BEGIN',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Messages acknowledged during a transaction are settled at COMMIT; after ABORT they are unsettled again.',
    check: async (lab) => {
      const client = await lab.connect();
      const other = await lab.connect('bob');
      await client.subscribe('1', '/queue/a', { ack: 'client' });
      client.send('/queue/a', '1').send('/queue/a', '2');
      const [first, second] = [await client.message('1'), await client.message('2')];

      client.frame('BEGIN', { transaction: 't' }).settle('ACK', second, { transaction: 't' });
      await client.done('ABORT', { transaction: 't' });
      client.frame('BEGIN', { transaction: 't' }).settle('ACK', first, { transaction: 't' });
      await client.done('COMMIT', { transaction: 't' });
      client.frame('BEGIN', { transaction: 't' }).settle('ACK', second, { transaction: 't' });
      await client.done('DISCONNECT');

      await other.subscribe('1', '/queue/a');
      await other.message('2');
      await other.nothingMore();
    },
  },
  {
    id: 'transaction-nack',
    section: 'NACK',
    level: 'SHOULD',
    versions: since11,
    rule: 'NACK takes the header transaction as ACK does.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/queue/a', { ack: 'client' });
      client.send('/queue/a', '1');
      const message = await client.message('1');

      client.frame('BEGIN', { transaction: 't' }).settle('NACK', message, { transaction: 't' });
      await client.nothingMore();
      client.frame('COMMIT', { transaction: 't' });

      assert.equal((await client.message('1')).headers.get('redelivered'), 'true');
    },
  },
  {
    id: 'transaction-required',
    section: 'BEGIN, COMMIT, ABORT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The transaction header is REQUIRED.',
    check: async (lab) => {
      for (const command of ['BEGIN', 'COMMIT', 'ABORT']) {
        const client = await lab.connect();

        client.frame(command, { receipt: 'r' });

        await client.refused('missing_header', 'r');
      }
    },
  },
  {
    id: 'transaction-known',
    section: 'COMMIT, ABORT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'It MUST specify a transaction in progress: in COMMIT, ABORT, SEND and ACK, and not one that was ended.',
    check: async (lab) => {
      for (const command of ['COMMIT', 'ABORT']) {
        const client = await lab.connect();
        client.frame('BEGIN', { transaction: 't' }).frame(command, { transaction: 't' });
        client.frame(command, { transaction: 't', receipt: 'r' });
        await client.refused('unknown_transaction', 'r');
      }

      const sender = await lab.connect();
      sender.send('/topic/a', 'hello', { transaction: 't', receipt: 'r' });
      await sender.refused('unknown_transaction', 'r');

      const consumer = await lab.connect();
      await consumer.subscribe('1', '/topic/a', { ack: 'client' });
      consumer.send('/topic/a', 'hello');
      consumer.settle('ACK', await consumer.message('hello'), { transaction: 't', receipt: 'r' });
      await consumer.refused('unknown_transaction', 'r');
    },
  },
  {
    id: 'transaction-unique',
    section: 'BEGIN',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Within the same connection, different transactions MUST use different transaction identifiers.',
    check: async (lab) => {
      const [ada, bob] = [await lab.connect('ada'), await lab.connect('bob')];
      await ada.done('BEGIN', { transaction: 't' });
      await bob.done('BEGIN', { transaction: 't' });
      await ada.done('BEGIN', { transaction: 'other' });
      await ada.done('COMMIT', { transaction: 't' });
      await ada.done('BEGIN', { transaction: 't' });

      ada.frame('BEGIN', { transaction: 't', receipt: 'r' });

      await ada.refused('duplicate_transaction', 'r');
    },
  },
  {
    id: 'transaction-several',
    section: 'BEGIN',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The identifier binds frames to the named transaction: several may be open, and each is ended on its own.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      for (const transaction of ['kept', 'dropped']) {
        client.frame('BEGIN', { transaction }).send('/topic/a', transaction, { transaction });
      }

      client.frame('ABORT', { transaction: 'dropped' }).frame('COMMIT', { transaction: 'kept' });

      await client.message('kept');
      await client.nothingMore();
    },
  },
  {
    id: 'transaction-implicit-abort',
    section: 'BEGIN',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Transactions that were not committed are aborted by DISCONNECT, and by a connection that fails.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/a');
      await reader.subscribe('2', '/queue/a');

      for (const isGraceful of [true, false]) {
        const client = await lab.connect();
        await client.done('BEGIN', { transaction: 't' });
        client.send('/topic/a', '1', { transaction: 't' }).send('/queue/a', '2', { transaction: 't' });
        await client.done('SUBSCRIBE', { id: '1', destination: '/topic/b' });
        if (isGraceful) client.frame('DISCONNECT');
        else client.cut();
      }

      await reader.nothingMore();
    },
  },
  {
    id: 'transaction-atomic',
    section: 'BEGIN',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A transaction is processed atomically: where one of its messages has no place, none is kept, and nothing is settled.',
    limits: { queueMessages: 1 },
    check: async (lab) => {
      const client = await lab.connect();
      await client.done('SEND', { destination: '/queue/in' }, 'work');
      await client.done('SEND', { destination: '/queue/full' }, 'first');
      await client.subscribe('1', '/queue/in', { ack: 'client' });
      const work = await client.message('work');

      client.frame('BEGIN', { transaction: 't' }).settle('ACK', work, { transaction: 't' });
      client.send('/queue/out', '1', { transaction: 't' }).send('/queue/full', '2', { transaction: 't' });
      client.frame('COMMIT', { transaction: 't', receipt: 'r' });
      await client.refused('queue_full', 'r');

      const reader = await lab.connect('bob');
      for (const name of ['in', 'out', 'full']) await reader.subscribe(name, `/queue/${name}`);
      assert.deepEqual((await reader.bodies(2)).toSorted(), ['first', 'work']);
      await reader.nothingMore();
    },
  },
  {
    id: 'transaction-checked-at-once',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A SEND in a transaction is checked when it comes: what is forbidden is refused before COMMIT.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('BEGIN', { transaction: 't' });
      client.send('/topic/forbidden', 'hello', { transaction: 't', receipt: 'r' });

      await client.refused('forbidden', 'r');
    },
  },
  {
    id: 'transaction-receipts',
    section: 'RECEIPT',
    level: 'ours',
    versions: everyVersion,
    rule: 'A RECEIPT inside a transaction comes at once: its frame was checked and is held. The one of COMMIT says that all is done.',
    check: async (lab) => {
      for (const ending of ['COMMIT', 'ABORT']) {
        const queue = `/queue/${ending.toLowerCase()}`;
        const client = await lab.connect();
        const reader = await lab.connect('bob');
        await reader.subscribe('1', `${queue}/stored`);
        await client.subscribe('1', queue, { ack: 'client' });
        client.send(queue, 'hello');
        const message = await client.message('hello');

        client.frame('BEGIN', { transaction: 't', receipt: 'begin' });
        client.send('/topic/a', '', { transaction: 't', receipt: 'topic' });
        client.send(`${queue}/stored`, 'stored', { transaction: 't', receipt: 'queue' });
        client.send('/app/slow', '', { transaction: 't', receipt: 'app' });
        client.settle('ACK', message, { transaction: 't', receipt: 'ack' });
        for (const id of ['begin', 'topic', 'queue', 'app', 'ack']) await client.receipt(id);
        await reader.nothingMore();

        client.frame(ending, { transaction: 't', receipt: 'end' });
        await client.receipt('end');
        await client.nothingMore();
        if (ending === 'COMMIT') await reader.message('stored');
        await reader.nothingMore();
      }
    },
  },
  {
    id: 'transaction-receipt-order',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A RECEIPT inside a transaction waits, as every other does, for those of the frames before it.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/app/slow', '', { receipt: 'slow' });
      client.frame('BEGIN', { transaction: 't', receipt: 'begin' });
      client.send('/queue/a', '', { transaction: 't', receipt: 'held' });

      for (const id of ['slow', 'begin', 'held']) await client.receipt(id);
    },
  },
  {
    id: 'transaction-commit-fails',
    section: 'COMMIT',
    level: 'ours',
    versions: everyVersion,
    rule: 'Where what was held fails at COMMIT, an ERROR names the receipt of COMMIT: the frame at fault has had its own.',
    limits: { queueMessages: 1 },
    check: async (lab) => {
      const client = await lab.connect();
      await client.done('SEND', { destination: '/queue/full' }, 'first');

      client.frame('BEGIN', { transaction: 't' });
      client.send('/queue/full', 'second', { transaction: 't', receipt: 'held' });
      await client.receipt('held');
      client.frame('COMMIT', { transaction: 't', receipt: 'commit' });

      await client.refused('queue_full', 'commit');
    },
  },
];
