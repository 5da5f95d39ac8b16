import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { fromRegistry, noRegistry } from '../package/registry.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

let server: RunningServer;
let readme: string;

beforeAll(async () => {
  [server, readme] = await Promise.all([startServer(), readFile('README.md', 'utf8')]);
});
afterAll(stopServers);

describe('the README', () => {
  it('has lines for a shell that ring, and then tell all that rang', async () => {
    const shell = run('bash', ['-c', here(block('bash', 'curl'))]);

    const heard = await textUntil(shell.stdout, /event: resume\n[^]*insurance card[^]*\n\n/);
    shell.stop();

    expect(heard).toContain('event: connected');
    // The POST's answer; what the stream behind it prints may come before its line end.
    expect(heard).toMatch(/^\{.*insurance card.*\}/m);
  });

  it('has a client for Node that prints what rings', async () => {
    const program = run('node', ['--input-type=module', '--eval', here(block('js', '@stomp/stompjs'))]);
    const operator = await signIn(server.url, 'operator@example.org');
    // The program says nothing before it is subscribed: it is rung for until it answers.
    const ringing = setInterval(() => {
      void operator.post('/api/notifications', { email: 'patient@example.org', message: 'Ding dong' });
    }, 500);

    const printed = await textUntil(program.stdout, /\n/);
    clearInterval(ringing);
    program.stop();

    expect(printed).toMatch(/^\S+:\d+ Ding dong\n/);
  });

  it.skipIf(noRegistry)(fromRegistry('has lines for wscat that subscribe'), async () => {
    const [, command = ''] = /`(npx wscat [^`]+)`/.exec(readme) ?? [];
    const [connect = '', subscribe = ''] = block('', 'CONNECT').trim().split('\n');
    const wscat = run('bash', ['-c', here(command)], { npm_config_yes: 'true' });

    await textUntil(wscat.stdout, /o/);
    wscat.stdin.write(`${connect}\n`);
    const connected = await textUntil(wscat.stdout, /CONNECTED/);
    wscat.stdin.write(`${subscribe}\n`);
    const subscribed = await textUntil(wscat.stdout, /RECEIPT[^]*event-type:resume/);
    wscat.stop();

    expect(connected).toContain('user-name:patient');
    expect(subscribed).toContain('receipt-id:ready');
  });

  it('names scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: object };
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);

    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named).toContain('example:chat');
  });
});

/** The first block of that language that holds that word. */
function block(language: string, word: string): string {
  const all = [...readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm)];
  const found = all.find(([, named, text]) => named === language && text?.includes(word));
  if (!found?.[2]) throw new Error(`The README has no block of ${language} with ${word}.`);
  return found[2];
}

/** The same against the server of this test. */
function here(text: string): string {
  return text.replaceAll('127.0.0.1:8080', `127.0.0.1:${server.port}`);
}

interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  stop(): void;
}

function run(program: string, parameters: readonly string[], environment = {}): Running {
  const child = spawn(program, parameters, {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...environment },
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout.setEncoding('utf8'),
    // What a shell has started in the background goes with it.
    stop: () => process.kill(-child.pid!),
  };
}

/** What was written from now on, up to and including this. */
function textUntil(stream: Readable, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: string): void => {
      text += chunk;
      if (!end.test(text)) return;
      stream.off('data', hear);
      resolve(text);
    };
    stream.on('data', hear).once('end', () => reject(new Error(`it ended with: ${text}`)));
  });
}
