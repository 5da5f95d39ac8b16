import assert from 'node:assert/strict';
import { clientFrame } from '../client-frame.js';
import { everyVersion, only10, only12, since11, type Clause } from '../clause.js';
import type { Client } from '../client.js';
import type { Lab } from '../lab.js';

/** STOMP Frames and Augmented BNF: where a frame starts, what is in it, where it ends. */
export const frames: readonly Clause[] = [
  {
    id: 'frame-lf',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A frame is a command, header lines, a blank line, a body and a NUL; lines end in LF.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination:/topic/a\n\nhello\0');

      await client.message('hello');
    },
  },
  {
    id: 'frame-crlf',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: only12,
    rule: 'EOL = [CR] LF: a CR before the LF is a part of the line end.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\r\ndestination:/topic/a\r\ncolour:red\n\r\nhello\r\n\0\r\n\r\n');

      const message = await client.message('hello\r\n');
      assert.equal(message.headers.get('colour'), 'red');
    },
  },
  {
    id: 'frame-cr-is-data',
    section: 'STOMP 1.1, Augmented BNF',
    level: 'MUST',
    versions: ['1.0', '1.1'],
    rule: 'Before 1.2 a line ends in LF alone: a CR before it is the last octet of the value.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination:/topic/a\ncolour:re\rd\r\n\nhello\0');

      assert.equal((await client.message('hello')).headers.get('colour'), 're\rd\r');
    },
  },
  {
    id: 'frame-bare-cr',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: only12,
    rule: 'Neither a header name nor a value has a CR of its own.',
    check: async (lab) => {
      for (const line of ['colour:re\rd', 'col\rour:red', 'colour:red\r\r']) {
        const client = await listening(lab);

        client.raw(`SEND\ndestination:/topic/a\nreceipt:r\n${line}\r\n\nhello\0`);

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'frame-eols-between',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: everyVersion,
    rule: 'The NUL can be followed by any number of line ends.',
    check: async (lab) => {
      const client = await listening(lab);
      const eols = lab.version === '1.2' ? '\n\r\n\n\r\n' : '\n\n\n';

      client.send('/topic/a', '1').raw(eols).send('/topic/a', '2').send('/topic/a', '3').raw(eols);

      assert.deepEqual(await client.bodies(3), ['1', '2', '3']);
    },
  },
  {
    id: 'frame-command-case',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Commands are case sensitive.',
    check: async (lab) => {
      for (const command of ['send', 'Send', 'SENd']) {
        const client = await listening(lab);

        client.raw(`${command}\ndestination:/topic/a\n\nhello\0`);

        await client.refused('unknown_command');
      }
    },
  },
  {
    id: 'frame-header-case',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Header names are case sensitive.',
    check: async (lab) => {
      const client = await listening(lab);

      client.frame('SEND', { Destination: '/topic/a', Receipt: 'r' }, 'hello');

      await client.refused('missing_header');
    },
  },
  {
    id: 'frame-unknown-command',
    section: 'Client Frames',
    level: 'MAY',
    versions: everyVersion,
    rule: 'A frame that is none of a client is answered with an ERROR, then the close.',
    check: async (lab) => {
      for (const command of ['PUBLISH', 'MESSAGE', 'RECEIPT', 'CONNECTED', 'ERROR']) {
        const client = await listening(lab);

        client.frame(command, { receipt: 'r' });

        await client.refused('unknown_command', 'r');
      }
    },
  },
  {
    id: 'frame-not-stomp',
    section: 'CONNECT or STOMP Frame',
    level: 'ours',
    versions: only12,
    rule: 'Who speaks another protocol is told so at once, not when the connection times out.',
    check: async (lab) => {
      for (const [start, code] of [
        ['GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'unknown_command'],
        ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'unknown_command'],
        ['CONNECT\0', 'malformed_frame'],
        ['\0', 'malformed_frame'],
        [' CONNECT\n\n\0', 'unknown_command'],
      ] as const) {
        const client = await lab.open();

        client.raw(start);

        await client.refused(code);
      }
    },
  },
  {
    id: 'frame-header-colon',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: everyVersion,
    rule: 'header = header-name ":" header-value, the name of at least one octet.',
    check: async (lab) => {
      for (const line of ['colour', ':red', ' ']) {
        const client = await listening(lab);

        client.raw(`SEND\ndestination:/topic/a\nreceipt:r\n${line}\n\nhello\0`);

        await client.refused('malformed_frame', 'r');
      }
    },
  },
  {
    id: 'frame-blank-line',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A blank line indicates the end of the headers: a NUL in its place is refused, and not waited on.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination:/topic/a\nreceipt:r\n\0');

      await client.refused('malformed_frame', 'r');
    },
  },
  {
    id: 'frame-value-colon',
    section: 'Augmented BNF',
    level: 'ours',
    versions: everyVersion,
    rule: 'A raw colon in a value, which 1.0 allows and many write in 1.1 and 1.2, is kept: the first one divides.',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination:/topic/a\nurl:http://a:80/\n\nhello\0');

      assert.equal((await client.message('hello')).headers.get('url'), 'http://a:80/');
    },
  },
  {
    id: 'frame-empty-value',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: since11,
    rule: 'header-value = *<any OCTET …>: an empty value is legal.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', 'hello', { note: '' });

      assert.equal((await client.message('hello')).headers.get('note'), '');
    },
  },
  {
    id: 'frame-no-trimming',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'Clients and servers MUST never trim or pad headers with spaces.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', 'hello', { ' wide ': ' red\t ' });

      assert.ok((await client.message('hello')).lines.includes(' wide : red\t '));
    },
  },
  {
    id: 'frame-trimming-1.0',
    section: 'STOMP 1.0, examples',
    level: 'ours',
    versions: only10,
    rule: 'Values of 1.0 are trimmed of spaces and tabs, since its examples write "key: value".',
    check: async (lab) => {
      const client = await listening(lab);

      client.raw('SEND\ndestination: /topic/a \ncolour: \tred \n\nhello\0');

      assert.ok((await client.message('hello')).lines.includes('colour:red'));
    },
  },
  {
    id: 'frame-utf-8',
    section: 'Value Encoding',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Commands and headers are encoded in UTF-8, names and values alike.',
    check: async (lab) => {
      const client = await listening(lab);

      client.send('/topic/a', 'grün ✓', { 'größe-📏': 'naïve 👩‍⚕️ \ufffd' });

      const message = await client.message('grün ✓');
      assert.equal(message.headers.get('größe-📏'), 'naïve 👩‍⚕️ \ufffd');
      assert.equal(message.headers.get('content-length'), String(Buffer.byteLength('grün ✓')));
    },
  },
  {
    id: 'frame-not-utf-8',
    section: 'Value Encoding',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A header that is not UTF-8 is refused.',
    needs: 'octets',
    check: async (lab) => {
      const client = await listening(lab);
      const latin1 = Buffer.from('SEND\ndestination:/topic/a\ncolour:gr\u00fcn\n\nhello\0', 'latin1');

      client.raw(latin1);

      await client.refused('malformed_frame');
    },
  },
  {
    id: 'frame-repeated-header',
    section: 'Repeated Header Entries',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'Only the first of repeated headers is used as the value.',
    check: async (lab) => {
      const client = await listening(lab);

      client.frame(
        'SEND',
        [
          ['destination', '/topic/a'],
          ['colour', 'red'],
          ['destination', '/topic/b'],
          ['colour', 'blue'],
        ],
        'hello',
      );

      const message = await client.message('hello');
      assert.equal(message.headers.get('destination'), '/topic/a');
      assert.equal(message.headers.get('colour'), 'red');
    },
  },
  {
    id: 'frame-cut-anywhere',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Frames are sent over a stream: a frame may arrive in any pieces.',
    check: async (lab) => {
      const client = await listening(lab);
      const headers = { destination: '/topic/a', grün: 'é', 'content-length': '8' };
      const octets = clientFrame(lab.version, 'SEND', headers, 'a\0é\n\0d\u0001');

      // In the middle of the command, of a character in a name, and of one in the body.
      for (const [start, end] of [
        [0, 3],
        [3, 30],
        [30, -5],
        [-5, octets.length],
      ] as const) {
        client.raw(octets.subarray(start, end));
      }

      assert.equal((await client.message('a\0é\n\0d\u0001')).headers.get('grün'), 'é');
    },
  },
  {
    id: 'frame-several-at-once',
    section: 'STOMP Frames',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Several frames may arrive in one piece.',
    check: async (lab) => {
      const client = await listening(lab);
      const bodies = Array.from({ length: 20 }, (_, i) => String(i));

      client.raw(
        Buffer.concat(
          bodies.map((body) => clientFrame(lab.version, 'SEND', { destination: '/topic/a' }, body)),
        ),
      );

      assert.deepEqual(await client.bodies(20), bodies);
    },
  },
];

/** A client that hears what is sent to `/topic/a`. */
async function listening(lab: Lab): Promise<Client> {
  const client = await lab.connect();
  return client.subscribe('1', '/topic/a');
}
