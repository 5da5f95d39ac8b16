import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job, Spoils } from './job.js';

/** An attacker in a process of its own. */
export interface AttackProcess {
  /** Resolves when it has left. One job at a time. @throws {Error} where it has ended itself */
  run(job: Job): Promise<Spoils>;
  stop(): Promise<void>;
}

/** Resolves when it has loaded all that it needs. */
export async function startAttacker(): Promise<AttackProcess> {
  const program = fileURLToPath(new URL('attacker-process.ts', import.meta.url));
  const child = fork(program, { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const gone = ended.then(([code, signal]) => {
      throw new Error(`The attacker ended with ${String(code ?? signal)}`);
    });
    const [message] = (await Promise.race([once(child, 'message'), gone])) as [unknown];
    return message;
  };
  await answer();
  return {
    async run(job) {
      child.send({ ...job });
      return (await answer()) as Spoils;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
