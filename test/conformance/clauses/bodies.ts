import assert from 'node:assert/strict';
import { everyVersion, only10, since11, type Clause } from '../clause.js';
import type { Client } from '../client.js';
import type { Lab } from '../lab.js';

/** Body, content-length and content-type. */
export const bodies: readonly Clause[] = [
  {
    id: 'body-counted',
    section: 'Header content-length',
    level: 'MUST',
    versions: everyVersion,
    rule: 'With content-length that many octets are read, regardless of NULs among them.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', 'a\0\0b\n\0', { 'content-length': '6' }).send('/topic/a', 'next');

      await client.message('a\0\0b\n\0');
      await client.message('next');
    },
  },
  {
    id: 'body-counted-nul',
    section: 'Header content-length',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The frame still needs to be terminated with a NUL after what was counted.',
    check: async (lab) => {
      for (const length of ['4', '0']) {
        const client = await listening(lab);

        client.send('/topic/a', 'hello', { 'content-length': length, receipt: 'r' });

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'body-uncounted',
    section: 'Header content-length',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Without content-length the first NUL ends the frame.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination:/topic/a\n\na\n\nb\0\n');

      await client.message('a\n\nb');
    },
  },
  {
    id: 'body-length-number',
    section: 'Header content-length',
    level: 'ours',
    versions: everyVersion,
    rule: 'A content-length that is no number of octets is refused, not guessed at.',
    check: async (lab) => {
      for (const length of ['-1', '5.0', '0x5', 'five', '5 5', '+5', '٥']) {
        const client = await listening(lab);

        client.send('/topic/a', 'hello', { receipt: 'r', 'content-length': length });

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'body-empty',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: everyVersion,
    rule: '*OCTET: a SEND without body is a message without body.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a').send('/topic/a', '', { 'content-length': '0' });

      await client.message('');
      await client.message('');
    },
  },
  {
    id: 'body-only-where-allowed',
    section: 'Body',
    level: 'MUST',
    versions: since11,
    rule: 'Only SEND, MESSAGE and ERROR may have a body; all other frames MUST NOT.',
    check: async (lab) => {
      for (const headers of [{}, { 'content-length': '1' }]) {
        const client = await lab.connect();

        client.frame('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'r', ...headers }, 'x');

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'body-ignored-1.0',
    section: 'STOMP 1.0, SUBSCRIBE',
    level: 'MUST',
    versions: only10,
    rule: 'The body of the SUBSCRIBE command is ignored.',
    check: async (lab) => {
      const client = await lab.connect();

      await client.done('SUBSCRIBE', { destination: '/topic/a', id: '1' }, 'whatever');

      client.send('/topic/a', 'hello');
      await client.message('hello');
    },
  },
  {
    id: 'body-message-length',
    section: 'MESSAGE',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'MESSAGE includes content-length if a body is present; where the body has a NUL there is no other way.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', 'é').send('/topic/a', 'a\0b', { 'content-length': '3' });

      assert.equal((await client.message('é')).headers.get('content-length'), '2');
      assert.equal((await client.message('a\0b')).headers.get('content-length'), '3');
    },
  },
  {
    id: 'body-content-type',
    section: 'Header content-type',
    level: 'SHOULD',
    versions: everyVersion,
    rule: "The SEND's content-type stands in MESSAGE as it was given; without one the body is a binary blob, and none is made up.",
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', '<a/>', { 'content-type': 'application/xml;charset=utf-16' });
      client.send('/topic/a', 'text');

      assert.equal((await client.message()).headers.get('content-type'), 'application/xml;charset=utf-16');
      assert.equal((await client.message()).headers.has('content-type'), false);
    },
  },
  {
    id: 'body-any-octets',
    section: 'Body',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A body is any octets: each of the 256 arrives as it was sent.',
    needs: 'octets',
    check: async (lab) => {
      const client = await listening(lab);
      const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

      client.send('/topic/a', octets, { 'content-length': '256' });

      const message = await client.message();
      assert.deepEqual(message.body, octets);
      assert.equal(message.headers.has('content-transfer-encoding'), false);
    },
  },
  {
    id: 'body-base64',
    section: 'Body',
    level: 'ours',
    versions: everyVersion,
    rule: 'Where the wire carries text only, a body that is not UTF-8 comes as base64 and says so in content-transfer-encoding.',
    needs: 'text-only',
    check: async (lab) => {
      const client = await listening(lab);
      const octets = Buffer.from([0x00, 0xff, 0xc3, 0x28]);

      lab.server.publish('/topic/a', octets);

      const message = await client.message();
      assert.equal(message.headers.get('content-transfer-encoding'), 'base64');
      assert.deepEqual(Buffer.from(message.body.toString(), 'base64'), octets);
    },
  },
];

/** A client that hears what is sent to `/topic/a`. */
async function listening(lab: Lab): Promise<Client> {
  const client = await lab.connect();
  return client.subscribe('1', '/topic/a');
}
