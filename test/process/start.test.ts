import { spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { runServer, startServer, stopServers } from '../server.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

afterEach(stopServers);

describe('the start', () => {
  it('takes a free port and says which', async () => {
    const server = await startServer();

    expect(server.port).toBeGreaterThan(0);
    expect(await statusOf(`${server.url}/livez`)).toBe(200);
    expect(await statusOf(`${server.url}/readyz`)).toBe(200);
  });

  it.skipIf(!hasCurl)('says what to type, which rings when it is pasted (needs curl)', async () => {
    const server = await startServer();
    const pasted = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .join('\n');

    const shell = spawn('bash', ['-c', pasted], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const heard = await textUntil(shell.stdout, /event: notification\ndata: .*Ding dong/);
    process.kill(-shell.pid!);

    expect(heard).toContain('event: connected');
  });

  it('names its node in each line of the log', async () => {
    const server = await startServer({ environment: { NODE_ID: 'north-1', LOG_LEVEL: 'info' } });
    await fetch(`${server.url}/api/me`);
    server.kill('SIGTERM');

    const lines = (await server.ended).output.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.includes('"node":"north-1"'))).toEqual([]);
  });

  it('invites nobody without the demo', async () => {
    const server = await startServer({ environment: { DEMO: 'false', JWT_SECRET: 'x'.repeat(32) } });

    expect(server.output()).not.toContain('carillon.');
  });

  it('ends with 78 and a list of all mistakes', async () => {
    const ending = await runServer([], {
      environment: { PORT: 'http', RELAY_URL: 'redis://here', LIMIT_PATIENCE: '1' },
    });

    expect(ending.code).toBe(78);
    expect(ending.output).toContain('  PORT must be a whole number');
    expect(ending.output).toContain('  RELAY_URL is for several nodes on one PostgreSQL');
    expect(ending.output).toContain('  LIMIT_PATIENCE is no limit');
  });

  it('prints help, and starts nothing', async () => {
    const ending = await runServer(['--help']);

    expect(ending.code).toBe(0);
    expect(ending.output).toContain('--print-config');
    expect(ending.output).not.toContain('listens');
  });

  it.each(['--hlep', 'help', '--port=8081'])('refuses %s with 64 and the help', async (word) => {
    const ending = await runServer([word]);

    expect(ending.code).toBe(64);
    expect(ending.output).toContain(word.replace(/=.*/, ''));
    expect(ending.output).toContain('Usage: npm start');
  });

  it('says so when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const ending = await runServer([], { environment: { PORT: String(port) } });
    other.close();

    expect(ending.code).toBe(1);
    expect(ending.output).toContain("Carillon can't start: the port is taken");
  });

  it('shows the settings in force, without secrets, and starts nothing', async () => {
    const ending = await runServer(['--print-config'], {
      environment: { JWT_SECRET: 'not to be shown to anybody at all', LIMIT_HEADERS: '12' },
    });

    expect(ending.code).toBe(0);
    expect(ending.output).toContain('LIMIT_HEADERS=12\n');
    expect(ending.output).toContain('JWT_SECRET=******\n');
    expect(ending.output).not.toContain('not to be shown');
    expect(ending.output).not.toContain('listens');
  });
});

/** What the stream said, up to and including this. */
async function textUntil(stream: Readable, end: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    if (end.test(text)) return text;
  }
  throw new Error(`it ended with: ${text}`);
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}
