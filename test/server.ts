import { spawn, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface ServerOptions {
  /** Of the command line, such as `--new-epochs`. */
  readonly parameters?: readonly string[];
  /** Where its database and its secret lie; a new one, removed at the end, unless given. */
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A module that node imports before the server; it and `ask` speak over a channel. */
  readonly preload?: string;
  /** Of the process, as `ulimit -n`: files and sockets that it may have open. */
  readonly openFiles?: number;
}

/** The built server as a process of its own. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  /** What it wrote so far, stdout and stderr. */
  output(): string;
  /** Asks the preloaded module, one question at a time. */
  ask<T>(question: unknown): Promise<T>;
  /** Its stderr is read no more, as by a collector that hangs; or read again. */
  stopReadingLog(): void;
  readLog(): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Starts the server on a free port and waits until it listens. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const directory = options.directory ?? (await newDirectory());
  const { child, output, ended } = run(options.parameters ?? [], { ...options, directory });
  const url = await Promise.race([
    listening(child, output),
    ended.then((ending) => {
      throw new Error(`The server ended before it listened:\n${ending.output}`);
    }),
  ]);
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    directory,
    output,
    ended,
    ask: async <T>(question: unknown) => {
      const answer = once(child, 'message') as Promise<[T]>;
      child.send(question as Serializable);
      const [told] = await Promise.race([answer, ended.then(() => [])]);
      if (told === undefined) throw new Error('The server has ended');
      return told;
    },
    stopReadingLog: () => void child.stderr?.pause(),
    readLog: () => void child.stderr?.resume(),
    kill: (signal) => child.kill(signal),
  };
}

/** Runs the server's program to its end. */
export async function runServer(parameters: readonly string[], options: ServerOptions = {}): Promise<Ending> {
  return run(parameters, { ...options, directory: options.directory ?? (await newDirectory()) }).ended;
}

/** Ends what is still running and removes the directories; for `afterEach` or `afterAll`. */
export async function stopServers(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      child.kill('SIGKILL');
      await once(child, 'close');
    }),
  );
  await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true })));
}

/** What is kept of the output: a log may be without end. */
const OUTPUT_CHARACTERS = 16 * 1024 * 1024;

const program = resolve('dist/src/main.js');
const running = new Set<ChildProcess>();
const directories: string[] = [];

async function newDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'carillon-server-'));
  directories.push(path);
  return path;
}

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Ending>;
}

function run(parameters: readonly string[], options: ServerOptions & { readonly directory: string }): Run {
  if (!existsSync(program)) throw new Error(`There is no ${program}: npm run build comes first.`);
  const { directory, environment, preload, openFiles } = options;
  const imports = preload === undefined ? [] : ['--import', resolve(preload)];
  const node = [process.execPath, ...imports, program, ...parameters];
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles};`;
  const child = spawn('/bin/sh', ['-c', `${limit} exec "$@"`, 'sh', ...node], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: `sqlite:${join(directory, 'carillon.sqlite')}`,
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : (['ipc'] as const))],
  });
  running.add(child);

  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > OUTPUT_CHARACTERS) text = text.slice(-OUTPUT_CHARACTERS / 2);
    });
  // Not 'exit': what was written last may still be in the pipe.
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code, signal, output: text };
  });
  return { child, output: () => text, ended };
}

function listening(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((found) => {
    child.stdout?.on('data', () => {
      const url = /^Carillon listens on (\S+)$/m.exec(output())?.[1];
      if (url !== undefined) found(url);
    });
  });
}
