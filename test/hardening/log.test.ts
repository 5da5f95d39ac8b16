import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from './ways-in.js';

const children: ChildProcess[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

/** What happens to the log of a node. */
describe('a node whose log is', () => {
  it('a pipe that nobody reads serves on, counts what it drops, and says so when it is read again', async () => {
    const node = await start({ stderr: 'pipe', environment: { LIMIT_LOG_BYTES: '20000' } });

    await ask(node, 2_500);
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    const lost = Number(/^carillon_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1]);

    expect(lost).toBeGreaterThan(0);
    const lines = linesOf(node.child);
    await ask(node, 1);
    const told = await first(lines, ({ lines: dropped }) => dropped !== undefined);
    expect(told['lines']).toBeGreaterThanOrEqual(lost);
  });

  it('a pipe that is closed serves on', async () => {
    const node = await start({ stderr: 'pipe' });

    node.child.stderr?.destroy();
    await ask(node, 200);

    expect(node.child.exitCode).toBeNull();
  });

  it('on a full disk serves on', async () => {
    const node = await start({ stderr: openSync('/dev/full', 'w') });

    await ask(node, 200);

    expect(node.child.exitCode).toBeNull();
  });

  it('a pipe that nobody reads is stopped, and answers to a fault of its own, as ever', async () => {
    const [stopped, failed] = [
      await start({ stderr: 'pipe', environment: { LIMIT_LOG_BYTES: '20000' } }),
      await start({ stderr: 'pipe', preload: 'test/process/failing.mjs' }),
    ];
    await Promise.all([ask(stopped, 2_500), ask(failed, 2_500)]);

    const endings = Promise.all([once(stopped.child, 'exit'), once(failed.child, 'exit')]);
    stopped.child.kill('SIGTERM');
    failed.child.kill('SIGUSR2');

    expect(await endings).toEqual([
      [0, null],
      [1, null],
    ]);
  });

  it('whatever it is: a greeting that nobody takes ends nothing', async () => {
    const node = await start({ stderr: 'ignore', stdout: 'closed' });

    await ask(node, 10);

    expect(node.child.exitCode).toBeNull();
  });
});

interface Start {
  readonly stderr: 'pipe' | 'ignore' | number;
  readonly stdout?: 'closed';
  readonly preload?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Node {
  readonly child: ChildProcess;
  readonly url: string;
}

/** With one line of its log for each request. */
async function start({ stderr, stdout, preload, environment }: Start): Promise<Node> {
  const directory = await mkdtemp(join(tmpdir(), 'carillon-log-'));
  directories.push(directory);
  const port = await freePort();
  const imports = preload === undefined ? [] : ['--import', resolve(preload)];
  const child = spawn(process.execPath, [...imports, resolve('dist/src/main.js')], {
    env: {
      PATH: process.env['PATH'],
      PORT: `${port}`,
      DATABASE_URL: `sqlite:${join(directory, 'carillon.sqlite')}`,
      LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', stderr],
  });
  children.push(child);
  if (stdout === 'closed') child.stdout?.destroy();
  else child.stdout?.resume();
  const url = `http://127.0.0.1:${port}`;
  await listening(port);
  return { child, url };
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await after(50);
  }
}

/** All of them are answered, on one connection each time. */
async function ask({ url }: Node, count: number): Promise<void> {
  const path = `/api/nowhere/${'x'.repeat(150)}`;
  for (let i = 0; i < count; i += 1) {
    const response = await fetch(url + path);
    expect(response.status).toBe(404);
    await response.arrayBuffer();
  }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<Record<string, unknown>> {
  let text = '';
  for await (const piece of child.stderr!.setEncoding('utf8')) {
    text += piece as string;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Record<string, unknown>;
  }
}

async function first<T>(values: AsyncIterable<T>, fits: (value: T) => boolean): Promise<T> {
  for await (const value of values) if (fits(value)) return value;
  throw new Error('The log ended before.');
}
