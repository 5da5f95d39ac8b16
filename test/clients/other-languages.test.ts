import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type RunningBroker } from './broker.js';
import { runs } from './installed.js';

/**
 * Debian's clients over TCP, unmodified: each has the same conversation, in every version that it speaks. Spring's client
 * for Java can't be among them: Debian builds spring-messaging without its `simp.stomp`, and no spring-websocket.
 */
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
    more: ['sent in a transaction', 'restart', 'commit redelivered true'],
  },
];

let broker: RunningBroker;
beforeAll(async () => (broker = await startBroker()));
afterAll(() => broker.stop());

for (const { name, program, script, probe, versions, more = [] } of clients) {
  const isThere = runs(program, probe);
  describe.skipIf(!isThere)(isThere ? name : `${name} (the Debian package is not installed)`, () => {
    it.each(versions)('subscribes, sends, settles, commits and leaves in STOMP %s', async (version) => {
      const lines = await linesOf(program, [script, String(broker.tcpPort), version]);

      expect(lines).toEqual(['subscribed', 'stored grün ✓ red', 'commit', ...more, 'bye']);
      expect(broker.server.faults).toEqual([]);
    });
  });
}

/** What a client prints; where it asks for a restart of the server, it gets one, and a line that says so. */
async function linesOf(program: string, parameters: readonly string[]): Promise<string[]> {
  const client = spawn(program, parameters, { timeout: 40_000, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: client.stdout })) {
    lines.push(line);
    if (line !== 'restart') continue;
    await broker.restart();
    client.stdin.write('restarted\n');
  }
  return lines;
}
