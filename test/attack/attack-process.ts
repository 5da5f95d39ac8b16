import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job, Spoils } from './job.js';

/** An attacker in a process of its own, that waits for the word. */
export interface AttackProcess {
  /** Resolves when it has left. */
  run(): Promise<Spoils>;
}

export async function startAttacker(job: Job): Promise<AttackProcess> {
  const program = fileURLToPath(new URL('attacker-process.ts', import.meta.url));
  const child = fork(program, { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The attacker of ${job.scenario} ended with ${String(code ?? signal)}`);
  });
  ended.catch(() => undefined);
  const answer = async <T>(): Promise<T> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
    return message;
  };
  child.send({ ...job });
  await answer();
  return {
    async run() {
      child.send('run');
      const spoils = await answer<Spoils>();
      child.disconnect();
      await ended.catch(() => undefined);
      return spoils;
    },
  };
}
