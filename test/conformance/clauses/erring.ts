import assert from 'node:assert/strict';
import { everyVersion, since11, type Clause } from '../clause.js';
import { connectHeaders } from '../lab.js';
import { SECRET } from '../server.js';

/** ERROR: what stands in it, and the codes that no other clause meets. Codes, closes and retryable are in contract.ts. */
export const erring: readonly Clause[] = [
  {
    id: 'error-closes',
    section: 'ERROR',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The server MUST close the connection just after sending the ERROR frame; nothing is handled after it.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/a');
      const client = await lab.connect();

      client.frame('ACK', { receipt: 'r' }).send('/topic/a', 'late').frame('ACK');

      await client.refused('missing_header', 'r');
      await reader.nothingMore();
    },
  },
  {
    id: 'error-message',
    section: 'ERROR',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'ERROR has a message header with a short description, content-type and content-length; the body tells more.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('BEGIN', { receipt: 'r' });

      const { headers, body } = await client.refused('missing_header', 'r');
      assert.match(headers.get('message') ?? '', /transaction/);
      assert.ok(body.length > (headers.get('message') ?? '').length);
    },
  },
  {
    id: 'error-original-frame',
    section: 'ERROR',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'ERROR helps to identify the frame that caused it: its command and the names of its headers, never their values.',
    check: async (lab) => {
      const client = await lab.connect();
      const secrets = { passcode: 'hunter2', Authorization: 'Bearer hunter2', 'x-token': 'hunter2' };

      client.send('/nowhere', 'hunter2', { receipt: 'r', ...secrets });

      const error = await client.refused('unknown_destination', 'r');
      const text = error.body.toString();
      for (const part of ['SEND', 'destination', 'receipt', 'passcode', 'x-token'])
        assert.ok(text.includes(part), text);
      assert.doesNotMatch(error.lines.join('\n') + text, /hunter2/);
    },
  },
  {
    id: 'error-original-frame-malformed',
    section: 'ERROR',
    level: 'SHOULD',
    versions: since11,
    rule: 'Of a malformed frame it shows as much as was read; header names are escaped and cut, and no NUL is in it.',
    check: async (lab) => {
      const client = await lab.connect();

      client.raw(
        `SEND\ndestination:/topic/a\nwild\\n\u0001name${'x'.repeat(500)}:1\nreceipt:r\nbad:\\t\n\n\0`,
      );

      const text = (await client.refused('malformed_frame', 'r')).body.toString();
      assert.match(text, /SEND/);
      assert.match(text, /"wild\\n\\u0001namex+…?"/);
      assert.match(text, /bad/);
      assert.doesNotMatch(text, /[\0\u0001]/);
      assert.ok(text.length < 1_000);
    },
  },
  {
    id: 'error-receipt-id',
    section: 'ERROR',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'If the frame included a receipt header, ERROR sets receipt-id to its value, and has none otherwise.',
    check: async (lab) => {
      for (const receipt of ['r:1 ✓', undefined]) {
        const client = await lab.connect();

        client.send('/nowhere', '', receipt === undefined ? {} : { receipt });

        await client.refused('unknown_destination', receipt);
      }
    },
  },
  {
    id: 'error-before-connected',
    section: 'Connecting',
    level: 'ours',
    versions: everyVersion,
    rule: 'An ERROR before CONNECTED, when no version is agreed on, reads the same in all of them: it has no backslash.',
    check: async (lab) => {
      for (const headers of [{ 'accept-version': '9\\n' }, { 'heart-beat': '\\c' }, { login: 'mallory' }]) {
        const client = await lab.open();

        client.frame('CONNECT', { ...connectHeaders(lab.version), ...headers });

        const error = await client.next();
        assert.equal(error.command, 'ERROR');
        assert.doesNotMatch(error.lines.join('\n'), /\\/);
      }
    },
  },
  {
    id: 'error-rate-limited',
    section: 'Connecting',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'rate_limited is retryable and says when: retry-after-ms.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', connectHeaders(lab.version, 'hasty'));

      const { headers } = await client.refused('rate_limited');
      assert.equal(headers.get('retry-after-ms'), '1500');
    },
  },
  {
    id: 'error-internal',
    section: 'ERROR',
    level: 'ours',
    versions: everyVersion,
    rule: 'A fault of the server is internal_error: logged whole, told short.',
    expectsFaults: true,
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', connectHeaders(lab.version, 'unlucky'));

      const error = await client.refused('internal_error');
      assert.ok(!`${error.lines.join()}${error.body.toString()}`.includes(SECRET));
      assert.match(String(lab.server.faults[0]), new RegExp(SECRET));
    },
  },
  {
    id: 'error-method',
    section: 'SEND',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A method that fails cannot process the SEND: ERROR handler_failed, then the close.',
    expectsFaults: true,
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/app/broken', '', { receipt: 'r' });

      const error = await client.refused('handler_failed', 'r');
      assert.ok(!`${error.lines.join()}${error.body.toString()}`.includes(SECRET));
      assert.match(String(lab.server.faults[0]), new RegExp(SECRET));
    },
  },
  {
    id: 'error-method-told',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'Who subscribed to /user/queue/errors is told there instead, with the receipt-id, gets no RECEIPT, and stays connected.',
    expectsFaults: true,
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('errors', '/user/queue/errors');

      client.send('/app/broken', '', { receipt: 'r' });

      const { headers, body } = await client.message();
      assert.equal(headers.get('receipt-id'), 'r');
      assert.equal(headers.get('code'), 'handler_failed');
      assert.doesNotMatch(body.toString(), new RegExp(SECRET));
      await client.nothingMore();
    },
  },
  {
    id: 'error-method-endless',
    section: 'SEND',
    level: 'ours',
    versions: everyVersion,
    rule: 'A method that never returns is given up after its time.',
    needs: 'clock',
    expectsFaults: true,
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/app/endless', '', { receipt: 'r' });
      lab.clock.pass(lab.server.limits.handlerMs);

      await client.refused('handler_failed', 'r');
    },
  },
  {
    id: 'error-token-expired',
    section: 'ERROR',
    level: 'ours',
    versions: everyVersion,
    rule: 'A token that expires ends the live connection with auth_expired.',
    check: async (lab) => {
      const client = await lab.connect('brief');

      lab.letTimePass(50);

      await client.refused('auth_expired');
    },
  },
  {
    id: 'error-token-revoked',
    section: 'ERROR',
    level: 'ours',
    versions: everyVersion,
    rule: 'A login that is ended elsewhere ends its live connections with auth_revoked, and nobody else.',
    check: async (lab) => {
      const [ada, bob] = [await lab.connect('ada'), await lab.connect('bob')];

      lab.server.revoke('ada');

      await ada.refused('auth_revoked');
      await bob.nothingMore();
    },
  },
  {
    id: 'error-drain',
    section: 'ERROR',
    level: 'ours',
    versions: everyVersion,
    rule: 'A server that goes away says server_drain, and takes nobody in.',
    check: async (lab) => {
      const client = await lab.connect();
      const late = await lab.open();

      const drained = lab.server.registry.drain(0);
      lab.letTimePass(0);
      await drained;
      late.frame('CONNECT', connectHeaders(lab.version, 'bob'));

      await client.refused('server_drain');
      await late.refused('server_drain');
    },
  },
];
