import assert from 'node:assert/strict';
import { everyVersion, only10, only11, only12, type Clause } from '../clause.js';
import type { Lab } from '../lab.js';
import type { ServerFrame } from '../server-frame.js';

/** One message, readers of other versions: each gets what is legal for it, and never a forged header. */
export const interoperating: readonly Clause[] = [
  {
    id: 'interop-newline-1.0',
    section: 'STOMP 1.0, Augmented BNF',
    level: 'MUST',
    versions: only10,
    rule: 'A header that 1.0 cannot say (a newline, a colon in its name, no value) is left out for its readers.',
    check: async (lab) => {
      const message = await received(lab, {
        forged: 'red\nmessage-id:1\n\nMESSAGE',
        'a:b': 'red',
        'a\nb': 'red',
        empty: '',
        kept: 'a:b\\n',
      });

      assert.deepEqual(own(message), ['kept:a:b\\n']);
    },
  },
  {
    id: 'interop-cr-1.1',
    section: 'STOMP 1.1, Value Encoding',
    level: 'MUST',
    versions: only11,
    rule: 'For readers of 1.1 a newline is \\n, and a CR stands as it is, since there it is data.',
    check: async (lab) => {
      const message = await received(lab, { lines: 'a\r\nb', 'na\rme': 'x:y' });

      assert.deepEqual(own(message), ['lines:a\r\\nb', 'na\rme:x\\cy']);
    },
  },
  {
    id: 'interop-cr-1.2',
    section: 'Value Encoding',
    level: 'MUST',
    versions: only12,
    rule: 'For readers of 1.2 newline, CR, colon and backslash are all escaped.',
    check: async (lab) => {
      const message = await received(lab, { lines: 'a\r\nb', 'na\rme': 'x:y\\' });

      assert.deepEqual(own(message), ['lines:a\\r\\nb', 'na\\rme:x\\cy\\\\']);
    },
  },
  {
    id: 'interop-versions',
    section: 'Protocol Negotiation',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Clients of all versions share destinations: what one sends the others receive.',
    check: async (lab) => {
      const readers = await Promise.all(
        everyVersion.map(async (version) =>
          (await lab.connect(`reader-${version}`, { version })).subscribe('1', '/topic/a'),
        ),
      );
      const sender = await lab.connect();

      sender.send('/topic/a', 'hello', { colour: 'red', 'content-type': 'text/plain' });

      for (const reader of readers) {
        const { headers } = await reader.message('hello');
        assert.equal(headers.get('colour'), 'red');
        assert.equal(headers.get('content-type'), 'text/plain');
      }
    },
  },
];

/** What a reader of the version under test gets when a client of 1.2 sends these headers. */
async function received(lab: Lab, headers: Record<string, string>): Promise<ServerFrame> {
  const reader = await lab.connect();
  await reader.subscribe('1', '/topic/a');
  const sender = await lab.connect('bob', { version: '1.2' });

  sender.send('/topic/a', 'hello', headers);

  return reader.message('hello');
}

function own({ lines }: ServerFrame): string[] {
  return lines.filter((line) => !/^(destination|message-id|subscription|content-length):/.test(line));
}
