import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ask, Reading } from './probe.js';

/** A server on Node as a process of its own, with a probe inside. */
export interface NodeServer {
  /** As it said it: `http://127.0.0.1:8080` */
  readonly url: string;
  read(): Promise<Reading>;
  collectGarbage(): Promise<void>;
  /** From now on the event loop's delays count, sampled so often. */
  watchLoop(everyMs: number): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL: nobody is told. */
  kill(): void;
}

/** @param program beside this file; it says `listens on <url>` when it does */
export async function startNodeServer(
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeServer> {
  const probe = new URL('probe.js', import.meta.url).href;
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), {
    // NODE_ENV and the like would change what is measured; NODE_PATH may lead to peers.
    env: pick(process.env, ['PATH', 'NODE_PATH'], environment),
    // What this process was started with, so that --cpu-prof shows the servers too.
    execArgv: [...process.execArgv, '--import', probe],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const url = await listening(child);
  return {
    url,
    read: () => ask<Reading>(child, 'read'),
    collectGarbage: async () => {
      await ask(child, 'collect garbage');
    },
    watchLoop: async (everyMs) => {
      await ask(child, { watchLoopEveryMs: everyMs });
    },
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const patience = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /listens on (\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', () => reject(new Error(`A server ended before it listened:\n${output}`)));
  });
}

/** Questions are asked one at a time. */
async function ask<T>(child: ChildProcess, question: Ask): Promise<T> {
  const answer = once(child, 'message') as Promise<[T]>;
  child.send(question);
  return (await answer)[0];
}

function pick(
  from: NodeJS.ProcessEnv,
  names: readonly string[],
  more: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(names.map((name) => [name, from[name]])), ...more };
}
