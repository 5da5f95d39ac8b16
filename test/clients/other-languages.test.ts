import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type RunningBroker } from './broker.js';
import { runs } from './installed.js';

const run = promisify(execFile);

/** Debian's clients over TCP, unmodified: each has the same conversation, in every version that it speaks. */
const clients = [
  {
    name: 'python3-stomp',
    program: '/usr/bin/python3',
    script: 'test/clients/python.py',
    probe: ['-c', 'import stomp'],
    versions: ['1.0', '1.1', '1.2'],
  },
  {
    name: 'ruby-stomp',
    program: 'ruby',
    script: 'test/clients/ruby.rb',
    probe: ['-e', 'require "stomp"'],
    versions: ['1.0', '1.1', '1.2'],
  },
  {
    name: 'libnet-stomp-perl',
    program: '/usr/bin/perl',
    script: 'test/clients/perl.pl',
    probe: ['-MNet::Stomp', '-e', '1'],
    versions: ['1.0', '1.1', '1.2'],
    // Its send_transactional waits for the RECEIPT of its SEND before it commits.
    more: ['sent in a transaction'],
  },
];

let broker: RunningBroker;
beforeAll(async () => (broker = await startBroker()));
afterAll(() => broker.stop());

for (const { name, program, script, probe, versions, more = [] } of clients) {
  const isThere = runs(program, probe);
  describe.skipIf(!isThere)(isThere ? name : `${name} (the Debian package is not installed)`, () => {
    it.each(versions)('subscribes, sends, settles, commits and leaves in STOMP %s', async (version) => {
      const { stdout } = await run(program, [script, String(broker.tcpPort), version], { timeout: 40_000 });

      expect(stdout.trim().split('\n')).toEqual([
        'subscribed',
        'stored grün ✓ red',
        'commit',
        ...more,
        'bye',
      ]);
      expect(broker.server.faults).toEqual([]);
    });
  });
}
