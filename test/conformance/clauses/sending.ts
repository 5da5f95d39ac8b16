import assert from 'node:assert/strict';
import { everyVersion, type Clause } from '../clause.js';

/** SEND and MESSAGE. */
export const sending: readonly Clause[] = [
  {
    id: 'send-destination',
    section: 'SEND',
    level: 'MUST',
    versions: everyVersion,
    rule: 'SEND has one REQUIRED header, destination.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('SEND', { receipt: 'r' }, 'hello');

      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'send-delivered',
    section: 'SUBSCRIBE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Any messages received on the subscribed destination are delivered as MESSAGE frames, to each of its subscribers.',
    check: async (lab) => {
      const readers = [await lab.connect('bob'), await lab.connect('carol')];
      for (const reader of readers) await reader.subscribe('1', '/topic/a');
      const sender = await lab.connect();

      sender.send('/topic/a', 'hello');

      for (const reader of readers) await reader.message('hello');
    },
  },
  {
    id: 'send-to-oneself',
    section: 'SUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: "A message to its sender's own subscription is delivered like to any other.",
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.send('/topic/a', 'hello');

      await client.message('hello');
      await client.nothingMore();
    },
  },
  {
    id: 'send-user-headers',
    section: 'SEND',
    level: 'MUST',
    versions: everyVersion,
    rule: 'User defined headers MUST be passed through in the MESSAGE frame.',
    check: async (lab) => {
      const client = await lab.connect();
      const headers = { colour: 'red', priority: '9', 'correlation-id': '7', persistent: 'true' };

      for (const room of ['topic', 'queue']) {
        await client.subscribe(room, `/${room}/a`);
        client.send(`/${room}/a`, 'hello', headers);

        const message = Object.fromEntries((await client.message('hello')).headers);
        assert.deepEqual({ ...message, ...headers }, message);
      }
    },
  },
  {
    id: 'send-order',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'What one publisher sends to one destination arrives at every subscriber in that order.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/*');
      await reader.subscribe('2', '/queue/a');
      const sender = await lab.connect();
      const bodies = Array.from({ length: 50 }, (_, i) => String(i));

      for (const body of bodies) sender.send('/topic/a', body);
      assert.deepEqual(await reader.bodies(50), bodies);

      for (const body of bodies) sender.send('/queue/a', body);
      assert.deepEqual(await reader.bodies(50), bodies);
    },
  },
  {
    id: 'send-unknown-destination',
    section: 'SEND',
    level: 'MUST',
    versions: everyVersion,
    rule: 'If the server cannot process the SEND for any reason, it MUST send an ERROR and then close the connection.',
    check: async (lab) => {
      const nowhere = ['/nowhere', 'a', '/topic', '/topic/', '/topicality/a', '/TOPIC/a', '/app/none'];
      for (const destination of nowhere) {
        const client = await lab.connect();

        client.send(destination, 'hello', { receipt: 'r' });

        await client.refused('unknown_destination', 'r');
      }
    },
  },
  {
    id: 'send-forbidden',
    section: 'SEND',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A SEND that its sender has no right to is answered with forbidden, and reaches nobody.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/user/queue/a');

      for (const destination of [
        '/topic/forbidden',
        '/queue/forbidden',
        '/user/bob/queue/a',
        '/user/queue/a',
      ]) {
        const client = await lab.connect();
        client.send(destination, 'hello', { receipt: 'r' });
        await client.refused('forbidden', 'r');
      }

      await reader.nothingMore();
    },
  },
  {
    id: 'send-pattern',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A SEND goes to one destination: a pattern in it is invalid_header.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/topic/*', 'hello', { receipt: 'r' });

      await client.refused('invalid_header', 'r');
    },
  },
  {
    id: 'send-expires',
    section: 'Frames and Headers',
    level: 'MAY',
    versions: everyVersion,
    rule: 'Servers MAY use additional headers for expiration: one that is not ms since 1970 is invalid_header.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/queue/a', 'hello', { expires: 'tomorrow', receipt: 'r' });

      await client.refused('invalid_header', 'r');
    },
  },
  {
    id: 'message-destination',
    section: 'MESSAGE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'MESSAGE MUST include a destination, identical to the one used in the SEND, however the subscription was written.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/**');

      client.send('/topic/a.b/c d', 'hello');

      assert.equal((await client.message('hello')).headers.get('destination'), '/topic/a.b/c d');
    },
  },
  {
    id: 'message-id',
    section: 'MESSAGE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'MESSAGE MUST contain a message-id with a unique identifier for that message.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      await client.subscribe('2', '/queue/a');

      const ids = new Set();
      for (const destination of ['/topic/a', '/topic/a', '/queue/a', '/queue/a']) {
        client.send(destination, 'hello');
        ids.add((await client.message('hello')).headers.get('message-id'));
      }

      assert.equal(ids.size, 4);
      assert.ok(!ids.has(undefined));
    },
  },
  {
    id: 'message-forged-headers',
    section: 'MESSAGE',
    level: 'ours',
    versions: everyVersion,
    rule: "The server's own values stand: a SEND's message-id, subscription, ack, cursor, redelivered … are not passed on.",
    check: async (lab) => {
      const client = await lab.connect();
      const forged = [
        ...['message-id', 'subscription', 'ack', 'cursor', 'replayed', 'redelivered', 'delivery-count'],
        ...['original-destination', 'reason', 'content-transfer-encoding', 'Message-ID'],
      ];
      const headers = Object.fromEntries(forged.map((name) => [name, 'forged']));

      for (const room of ['topic', 'queue']) {
        await client.subscribe(room, `/${room}/a`);
        client.send(`/${room}/a`, 'hello', headers);

        const { lines } = await client.message('hello');
        assert.ok(!lines.some((line) => line.endsWith('forged')), lines.join());
      }
    },
  },
  {
    id: 'message-no-credentials',
    section: 'MESSAGE',
    level: 'ours',
    versions: everyVersion,
    rule: 'What a SEND used up (receipt, transaction) and credentials that clients put on every frame are not passed on.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.frame('BEGIN', { transaction: 't' });
      client.send('/topic/a', 'hello', {
        transaction: 't',
        receipt: 'r',
        login: 'ada',
        passcode: 'secret',
        Authorization: 'Bearer x',
      });
      await client.receipt('r');
      client.frame('COMMIT', { transaction: 't' });

      const { headers } = await client.message('hello');
      const names = ['destination', 'message-id', 'subscription', 'content-length'];
      assert.deepEqual(new Set(headers.keys()), new Set(names));
    },
  },
];
