import assert from 'node:assert/strict';
import { everyVersion, since11, type Clause } from '../clause.js';

/** The header receipt, and RECEIPT. */
export const receipts: readonly Clause[] = [
  {
    id: 'receipt-every-frame',
    section: 'Standard Headers, receipt',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Any client frame other than CONNECT may specify a receipt, and is answered with a RECEIPT of that receipt-id.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', receipt: 'SUBSCRIBE' });
      await client.receipt('SUBSCRIBE');
      client.send('/topic/a', 'hello', { receipt: 'SEND' });
      await client.receipt('SEND');
      client.send('/queue/a', 'hello');
      const message = await client.message('hello');
      client.settle('ACK', message, { receipt: 'ACK' });
      await client.receipt('ACK');
      client.frame('BEGIN', { transaction: 't', receipt: 'BEGIN' });
      await client.receipt('BEGIN');
      client.frame('COMMIT', { transaction: 't', receipt: 'COMMIT' });
      await client.receipt('COMMIT');
      client.frame('BEGIN', { transaction: 't' }).frame('ABORT', { transaction: 't', receipt: 'ABORT' });
      await client.receipt('ABORT');
      client.frame('UNSUBSCRIBE', { id: '1', receipt: 'UNSUBSCRIBE' });
      await client.receipt('UNSUBSCRIBE');
      client.frame('DISCONNECT', { receipt: 'DISCONNECT' });
      await client.receipt('DISCONNECT');
    },
  },
  {
    id: 'receipt-nack',
    section: 'Standard Headers, receipt',
    level: 'MUST',
    versions: since11,
    rule: 'NACK too.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a', { ack: 'client' });
      client.send('/topic/a', 'hello');

      client.settle('NACK', await client.message('hello'), { receipt: 'NACK' });

      await client.receipt('NACK');
    },
  },
  {
    id: 'receipt-arbitrary',
    section: 'Standard Headers, receipt',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The value is arbitrary and comes back as it was.',
    check: async (lab) => {
      const client = await lab.connect();

      for (const receipt of ['0', 'ünï-✓', 'a:b', '{"n":1}', 'x'.repeat(1_000)]) {
        client.send('/topic/a', '', { receipt });
        await client.receipt(receipt);
      }
    },
  },
  {
    id: 'receipt-unasked',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'RECEIPT answers a frame that requests a receipt, and no other.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/topic/a').send('/queue/a').send('/app/quick');

      await client.nothingMore();
    },
  },
  {
    id: 'receipt-order',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A receipt is a cumulative acknowledgment of all the previous frames: receipts come in the order of their frames.',
    check: async (lab) => {
      const client = await lab.connect();
      const destinations = [
        '/queue/a',
        '/topic/a',
        '/app/slow',
        '/topic/a',
        '/queue/b',
        '/app/quick',
        '/queue/a',
      ];

      destinations.forEach((destination, i) => client.send(destination, '', { receipt: String(i) }));

      for (const i of destinations.keys()) await client.receipt(String(i));
    },
  },
  {
    id: 'receipt-processed',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'RECEIPT says that the frame has been processed by the server: the method of the application has finished.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/app/slow', '', { receipt: 'r' });
      await client.receipt('r');

      assert.deepEqual(lab.server.finished, ['/app/slow']);
    },
  },
  {
    id: 'receipt-subscribed',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'After the RECEIPT of a SUBSCRIBE the next message is seen, whoever sends it.',
    check: async (lab) => {
      const [reader, sender] = [await lab.connect('bob'), await lab.connect('ada')];

      await reader.subscribe('1', '/topic/a');
      await sender.done('SEND', { destination: '/topic/a' }, 'hello');

      await reader.message('hello');
    },
  },
  {
    id: 'receipt-stored',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'After the RECEIPT of a SEND to a queue the message is there, though its sender is gone.',
    check: async (lab) => {
      const sender = await lab.connect();
      await sender.done('SEND', { destination: '/queue/a' }, 'hello');
      sender.cut();

      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/queue/a');

      await reader.message('hello');
    },
  },
  {
    id: 'receipt-of-failure',
    section: 'RECEIPT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'It is sent once a frame was successfully processed: one that fails gets an ERROR with its receipt-id, after the receipts before it.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/queue/a', '', { receipt: '1' }).send('/app/slow', '', { receipt: '2' });
      client.send('/nowhere', '', { receipt: '3' }).send('/topic/a', '', { receipt: '4' });

      await client.receipt('1');
      await client.receipt('2');
      await client.refused('unknown_destination', '3');
    },
  },
  {
    id: 'receipt-client-gone',
    section: 'RECEIPT',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'If the client disconnects, previously received frames SHOULD continue to get processed.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/queue/a');
      const sender = await lab.connect();

      sender.send('/queue/a', '1').send('/queue/a', '2').frame('DISCONNECT');
      await sender.ended(1000);

      assert.deepEqual(await reader.bodies(2), ['1', '2']);
    },
  },
];
