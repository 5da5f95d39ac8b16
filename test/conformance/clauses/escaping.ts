import assert from 'node:assert/strict';
import { only10, only11, only12, since11, type Clause } from '../clause.js';

/** Value Encoding: escapes in header names and values. */
export const escaping: readonly Clause[] = [
  {
    id: 'escape-decode',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'When decoding headers, \\n is a newline, \\c a colon, \\\\ a backslash.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a:b\nc\\d');

      client.raw('SEND\ndestination:/topic/a\\cb\\nc\\\\d\n\nhello\0');

      assert.equal((await client.message('hello')).headers.get('destination'), '/topic/a:b\nc\\d');
    },
  },
  {
    id: 'escape-decode-cr',
    section: 'Value Encoding',
    level: 'MUST',
    versions: only12,
    rule: 'In 1.2, \\r is a carriage return.',
    check: async (lab) => {
      const client = await lab.connect();

      client.raw('SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:a\\rb\n\n\0');

      await client.receipt('a\rb');
    },
  },
  {
    id: 'escape-encode',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'When encoding headers, the reverse transformation is applied, to names as to values.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.raw('SEND\ndestination:/topic/a\n\\c\\n\\\\:\\\\n\\c\n\nhello\0');

      assert.ok((await client.message('hello')).lines.includes('\\c\\n\\\\:\\\\n\\c'));
    },
  },
  {
    id: 'escape-receipt-id',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'What a client wrote with escapes comes back with the same ones: in RECEIPT, in ERROR, in MESSAGE.',
    check: async (lab) => {
      const client = await lab.connect();

      client.raw('SUBSCRIBE\nid:a\\cb\ndestination:/topic/a\nreceipt:r\\c1\n\n\0');
      client.raw('SEND\ndestination:/topic/a\n\n\0');
      client.raw('UNSUBSCRIBE\nid:nobody\nreceipt:r\\c2\n\n\0');

      assert.ok((await client.next()).lines.includes('receipt-id:r\\c1'));
      assert.ok((await client.next()).lines.includes('subscription:a\\cb'));
      assert.ok((await client.refused('unknown_subscription', 'r:2')).lines.includes('receipt-id:r\\c2'));
    },
  },
  {
    id: 'escape-undefined',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'Undefined escape sequences such as \\t MUST be treated as a fatal protocol error.',
    check: async (lab) => {
      for (const line of ['colour:a\\tb', 'col\\tour:red', 'colour:red\\', 'colour:\\N', 'colour:\\:']) {
        const client = await lab.connect();

        client.raw(`SEND\ndestination:/topic/a\nreceipt:r\n${line}\n\nhello\0`);

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'escape-undefined-cr',
    section: 'STOMP 1.1, Value Encoding',
    level: 'MUST',
    versions: only11,
    rule: '\\r is an undefined escape in 1.1, and so fatal.',
    check: async (lab) => {
      const client = await lab.connect();

      client.raw('SEND\ndestination:/topic/a\nreceipt:r\ncolour:a\\rb\n\nhello\0');

      await client.refused('malformed_frame', 'r');
    },
  },
  {
    id: 'escape-none-1.0',
    section: 'STOMP 1.0, Augmented BNF',
    level: 'MUST',
    versions: only10,
    rule: '1.0 has no escapes: a backslash is an octet like any other.',
    check: async (lab) => {
      const client = await lab.connect();
      await client.subscribe('1', '/topic/a');

      client.raw('SEND\ndestination:/topic/a\ncolour:a\\nb\\tc\\\n\nhello\0');

      assert.ok((await client.message('hello')).lines.includes('colour:a\\nb\\tc\\'));
    },
  },
];
