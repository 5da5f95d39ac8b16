import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Failure, Measured, Prepare } from './load-process.js';

/** A load in a process of its own: connected and warmed up, waiting for the word. */
export interface Load<Result> {
  run(): Promise<Measured<Result>>;
  stop(): Promise<void>;
}

/** For connecting, and for the measurement: a run always comes to an end. */
const PATIENCE_MS = 120_000;

/** The load couldn't be carried: the server refused, or gave up. */
export class LoadError extends Error {}

/**
 * `startLoad<typeof prepare>('fanout', job)`, with the type of the module's `prepare`: the function runs over there.
 * @param module in loads/
 */
export async function startLoad<P extends Prepare<never, object>>(
  module: string,
  job: JobOf<P>,
): Promise<Load<ResultOf<P>>> {
  const child = fork(fileURLToPath(new URL('load-process.js', import.meta.url)), [module]);
  const ended = once(child, 'exit').then(([code, signal]) => ({
    failure: `it ended with ${String(code ?? signal)}`,
  }));
  const answer = async (): Promise<unknown> => {
    const patience = setTimeout(() => child.kill(), PATIENCE_MS);
    const message = await Promise.race([once(child, 'message').then(([first]) => first as unknown), ended]);
    clearTimeout(patience);
    if (isFailure(message)) throw new LoadError(`The load ${module}: ${message.failure}`);
    return message;
  };

  child.send(job);
  await answer();
  return {
    async run() {
      child.send('run');
      return (await answer()) as Measured<ResultOf<P>>;
    },
    async stop() {
      if (child.exitCode !== null) return;
      // It exits by itself then, so that --cpu-prof writes its profile.
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function isFailure(message: unknown): message is Failure {
  return typeof message === 'object' && message !== null && 'failure' in message;
}

type JobOf<P> = P extends Prepare<infer Job, object> ? Job & object : never;
type ResultOf<P> = P extends Prepare<never, infer Result> ? Result : never;
