import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measured, Prepare } from './load-process.js';

/** A load in a process of its own: connected and warmed up, waiting for the word. */
export interface Load<Result> {
  run(): Promise<Measured<Result>>;
  stop(): Promise<void>;
}

/**
 * `startLoad<typeof prepare>('fanout', job)`, with the type of the module's `prepare`: the function runs over there.
 * @param module in loads/
 */
export async function startLoad<P extends Prepare<never, object>>(
  module: string,
  job: JobOf<P>,
): Promise<Load<ResultOf<P>>> {
  const child = fork(fileURLToPath(new URL('load-process.js', import.meta.url)), [module]);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The load ${module} ended with ${String(code)}; what it wrote stands above`);
  });
  // Its end is a failure only while somebody waits for it.
  failed.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), failed])) as [unknown];
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
      child.kill();
      await once(child, 'exit');
    },
  };
}

type JobOf<P> = P extends Prepare<infer Job, object> ? Job & object : never;
type ResultOf<P> = P extends Prepare<never, infer Result> ? Result : never;
