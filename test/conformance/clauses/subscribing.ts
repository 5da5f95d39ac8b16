import assert from 'node:assert/strict';
import { everyVersion, only10, since11, type Clause } from '../clause.js';

/** SUBSCRIBE and UNSUBSCRIBE. */
export const subscribing: readonly Clause[] = [
  {
    id: 'subscribe-destination',
    section: 'SUBSCRIBE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'SUBSCRIBE requires a destination header.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('SUBSCRIBE', { id: '1', receipt: 'r' });

      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'subscribe-id',
    section: 'SUBSCRIBE id Header',
    level: 'MUST',
    versions: since11,
    rule: 'An id header MUST be included in the frame to uniquely identify the subscription.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('SUBSCRIBE', { destination: '/topic/a', receipt: 'r' });

      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'subscribe-no-id-1.0',
    section: 'STOMP 1.0, SUBSCRIBE',
    level: 'MAY',
    versions: only10,
    rule: 'In 1.0 the id is optional: without one MESSAGE has no subscription header, with one it has.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.done('SUBSCRIBE', { destination: '/topic/a' });
      await client.subscribe('x', '/topic/b');

      client.send('/topic/a', 'a').send('/topic/b', 'b');

      assert.equal((await client.message('a')).headers.has('subscription'), false);
      assert.equal((await client.message('b')).headers.get('subscription'), 'x');
    },
  },
  {
    id: 'subscribe-message-subscription',
    section: 'MESSAGE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'MESSAGE has a subscription header matching the id of the subscription that receives it; each that matches gets its own copy.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('one', '/topic/a');
      await client.subscribe('two', '/topic/a');
      await client.subscribe('three', '/topic/*');

      client.send('/topic/a', 'hello');

      const ids = [];
      for (let i = 0; i < 3; i++) ids.push((await client.message('hello')).headers.get('subscription'));
      assert.deepEqual(new Set(ids), new Set(['one', 'two', 'three']));
      await client.nothingMore();
    },
  },
  {
    id: 'subscribe-unique-id',
    section: 'SUBSCRIBE id Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Within the same connection, different subscriptions MUST use different subscription identifiers.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/b', receipt: 'r' });

      await client.refused('duplicate_subscription', 'r');
    },
  },
  {
    id: 'subscribe-id-scope',
    section: 'SUBSCRIBE id Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Ids are unique within a connection only, and free again after UNSUBSCRIBE.',
    check: async (lab) => {
      const [ada, bob] = [await lab.connect('ada'), await lab.connect('bob')];
      await ada.subscribe('1', '/topic/a');
      await bob.subscribe('1', '/topic/a');

      await ada.done('UNSUBSCRIBE', { id: '1' });
      await ada.subscribe('1', '/topic/b');

      bob.send('/topic/b', 'hello');
      await ada.message('hello');
      await bob.nothingMore();
    },
  },
  {
    id: 'subscribe-refused',
    section: 'SUBSCRIBE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'If the server cannot create the subscription, it MUST send an ERROR and then close the connection.',
    check: async (lab) => {
      for (const [destination, code] of [
        ['/nowhere/a', 'unknown_destination'],
        ['/app/none', 'unknown_destination'],
        ['/topic/forbidden', 'forbidden'],
        ['/queue/forbidden', 'forbidden'],
        ['/queue/*', 'invalid_header'],
        ['/topic/a*', 'invalid_header'],
        ['/topic/**/a', 'invalid_header'],
      ] as const) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', { id: '1', destination, receipt: 'r' });

        await client.refused(code, 'r');
      }
    },
  },
  {
    id: 'subscribe-other-user',
    section: 'SUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: "Nothing that a client writes names another user's address, not with a pattern either.",
    check: async (lab) => {
      for (const destination of [
        '/user/bob/queue/a',
        '/user/*/queue/a',
        '/user/**',
        '/user/queue/*',
        '/user/queue/',
      ]) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', { id: '1', destination, receipt: 'r' });

        await client.refused('forbidden', 'r');
      }
    },
  },
  {
    id: 'subscribe-own-user',
    section: 'MESSAGE',
    level: 'ours',
    versions: everyVersion,
    rule: "/user/queue/… is the subscriber's own, shown as he wrote it; every one of his connections gets a copy.",
    check: async (lab) => {
      const [first, second, bob] = [
        await lab.connect('ada'),
        await lab.connect('ada'),
        await lab.connect('bob'),
      ];
      for (const client of [first, second, bob]) await client.subscribe('1', '/user/queue/a');

      lab.server.publish('/user/ada/queue/a', Buffer.from('hello'));

      for (const client of [first, second]) {
        assert.equal((await client.message('hello')).headers.get('destination'), '/user/queue/a');
      }
      await bob.nothingMore();
    },
  },
  {
    id: 'subscribe-ack-values',
    section: 'SUBSCRIBE ack Header',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The valid values for the ack header are auto, client, or client-individual; others are invalid_header.',
    check: async (lab) => {
      for (const ack of ['Client', 'individual', 'none', 'auto,client']) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', { id: '1', destination: '/topic/a', ack, receipt: 'r' });

        await client.refused('invalid_header', 'r');
      }
    },
  },
  {
    id: 'subscribe-prefetch',
    section: 'SUBSCRIBE',
    level: 'MAY',
    versions: everyVersion,
    rule: 'Servers MAY support additional headers: prefetch-count bounds what is unsettled at a time.',
    check: async (lab) => {
      const client = await lab.connect();
      for (const body of ['1', '2', '3']) await client.done('SEND', { destination: '/queue/a' }, body);

      await client.subscribe('1', '/queue/a', { ack: 'client', 'prefetch-count': '2' });
      await client.message('1');
      const second = await client.message('2');
      await client.nothingMore();

      client.settle('ACK', second);
      await client.message('3');
    },
  },
  {
    id: 'subscribe-in-vain',
    section: 'SUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: 'Where nothing can ever come, by the form of the destination, a SUBSCRIBE is refused: its RECEIPT would be a lie.',
    check: async (lab) => {
      for (const [destination, code] of [
        ['/topic', 'unknown_destination'],
        ['/topic/', 'unknown_destination'],
        ['/queue/', 'unknown_destination'],
        ['/queue', 'unknown_destination'],
        ['topic/a', 'unknown_destination'],
        ['/Topic/a', 'unknown_destination'],
        ['/topics/a', 'unknown_destination'],
        ['/exchange/a/b', 'unknown_destination'],
        ['/temp-queue/a', 'unknown_destination'],
        ['/temp-queue', 'unknown_destination'],
        ['/temp-topic/a', 'unknown_destination'],
        ['/reply-queue/a', 'forbidden'],
        ['/app', 'unknown_destination'],
        ['/app/', 'unknown_destination'],
        ['/app/nothing', 'unknown_destination'],
        ['/user', 'unknown_destination'],
        ['/user/', 'unknown_destination'],
        ['/user/queue', 'forbidden'],
        ['/user/queue/', 'forbidden'],
        ['/user/topic/', 'forbidden'],
        ['/user/other/queue/a', 'forbidden'],
        ['/user/ada/queue/a', 'forbidden'],
        ['/topic/a*', 'invalid_header'],
        ['/topic/**/a', 'invalid_header'],
        ['/queue/*', 'invalid_header'],
        [`/queue/${'x'.repeat(249)}`, 'invalid_header'],
        [`/queue/dlq/${'x'.repeat(249)}`, 'invalid_header'],
      ] as const) {
        const client = await lab.connect('ada');
        client.frame('SUBSCRIBE', { id: '1', destination, receipt: 'r' });
        await client.refused(code, 'r');
      }
      const client = await lab.connect('ada');
      for (const [i, destination] of [
        ...[
          '/topic/a/',
          '/topic//a',
          '/topic/*',
          '/topic/**',
          '/user/queue/a',
          '/user/topic/a/b',
          '/app/answer',
        ],
        ...[`/queue/${'x'.repeat(248)}`, `/queue/dlq/${'x'.repeat(248)}`],
      ].entries())
        await client.done('SUBSCRIBE', { id: `${i}`, destination });
    },
  },
  {
    id: 'subscribe-prefetch-number',
    section: 'SUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: 'A prefetch-count that is no whole number from 1 is invalid_header.',
    check: async (lab) => {
      for (const count of ['0', '-1', 'many', '1.5']) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', {
          id: '1',
          destination: '/queue/a',
          'prefetch-count': count,
          receipt: 'r',
        });

        await client.refused('invalid_header', 'r');
      }
    },
  },
  {
    id: 'subscribe-gaps',
    section: 'SUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: 'gaps:message asks for a MESSAGE where messages of other nodes may be lost; another value is invalid_header.',
    check: async (lab) => {
      const asking = await lab.connect();

      asking.frame('SUBSCRIBE', { id: '1', destination: '/topic/a', gaps: 'message', receipt: 'r' });
      await asking.receipt('r');

      for (const gaps of ['', 'yes', 'Message']) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', { id: '1', destination: '/topic/a', gaps, receipt: 'r' });

        await client.refused('invalid_header', 'r');
      }
    },
  },
  {
    id: 'subscribe-method',
    section: 'SUBSCRIBE',
    level: 'MAY',
    versions: everyVersion,
    rule: 'A subscription to a method of the application gets one MESSAGE with its answer, before the RECEIPT.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('SUBSCRIBE', { id: 'once', destination: '/app/answer', receipt: 'r' });

      const answer = await client.message('42');
      assert.equal(answer.headers.get('subscription'), 'once');
      assert.equal(answer.headers.get('destination'), '/app/answer');
      await client.receipt('r');
    },
  },
  {
    id: 'unsubscribe',
    section: 'UNSUBSCRIBE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Once the subscription is removed the connection no longer receives messages from it; others go on.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');
      await client.subscribe('2', '/topic/a');

      client.frame('UNSUBSCRIBE', { id: '1' }).send('/topic/a', 'hello');

      assert.equal((await client.message('hello')).headers.get('subscription'), '2');
      await client.nothingMore();
    },
  },
  {
    id: 'unsubscribe-id',
    section: 'UNSUBSCRIBE',
    level: 'MUST',
    versions: since11,
    rule: 'An id header MUST be included in the frame.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.frame('UNSUBSCRIBE', { destination: '/topic/a', receipt: 'r' });

      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'unsubscribe-unknown',
    section: 'UNSUBSCRIBE',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The id MUST match the one of an existing subscription.',
    check: async (lab) => {
      for (const id of ['1', '2']) {
        const client = await lab.connect();
        await client.subscribe('1', '/topic/a');
        await client.done('UNSUBSCRIBE', { id: '1' });

        client.frame('UNSUBSCRIBE', { id, receipt: 'r' });

        await client.refused('unknown_subscription', 'r');
      }
    },
  },
  {
    id: 'unsubscribe-destination-1.0',
    section: 'STOMP 1.0, UNSUBSCRIBE',
    level: 'MUST',
    versions: only10,
    rule: 'In 1.0 it requires either a destination header or an id header.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.done('SUBSCRIBE', { destination: '/topic/a' });
      await client.subscribe('b', '/topic/b');

      await client.done('UNSUBSCRIBE', { destination: '/topic/a' });
      await client.done('UNSUBSCRIBE', { id: 'b' });
      client.send('/topic/a').send('/topic/b');
      await client.nothingMore();

      client.frame('UNSUBSCRIBE', { receipt: 'r' });
      await client.refused('missing_header', 'r');
    },
  },
  {
    id: 'unsubscribe-unsettled',
    section: 'UNSUBSCRIBE',
    level: 'ours',
    versions: everyVersion,
    rule: 'What is unsettled at UNSUBSCRIBE goes back into its queue, in its old order.',
    check: async (lab) => {
      const [ada, bob] = [await lab.connect('ada'), await lab.connect('bob')];
      await ada.subscribe('1', '/queue/a', { ack: 'client' });
      for (const body of ['1', '2', '3']) ada.send('/queue/a', body);
      await ada.bodies(3);

      await ada.done('UNSUBSCRIBE', { id: '1' });
      await bob.subscribe('1', '/queue/a');

      assert.deepEqual(await bob.bodies(3), ['1', '2', '3']);
    },
  },
];
