import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { Logger, type INestApplication } from '@nestjs/common';
import type { Limits } from '../limits.js';
import { Drain } from './drain.js';
import type { ProcessLog } from './process-log.js';

interface StopSettings {
  readonly drainMs: number;
  readonly limits: Pick<Limits, 'requestDrainMs' | 'stopMs'>;
}

/** SIGTERM and SIGINT end the process gently, within `LIMIT_STOP_MS`; a second one ends it at once. */
export function stopOnSignals(
  application: INestApplication,
  settings: StopSettings,
  log: Pick<ProcessLog, 'end'>,
): void {
  let isStopping = false;
  const stopOrExit = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    new Logger('Stop').log({ signal, msg: 'stopping; a second signal ends at once' });
    setTimeout(() => process.exit(1), settings.limits.stopMs).unref();
    void stop(application, settings)
      .then(
        () => 0,
        (error: unknown) => {
          new Logger('Stop').error('the stop failed', error);
          return 1;
        },
      )
      .then(async (code) => {
        await log.end();
        process.exit(code);
      });
  };
  process.on('SIGTERM', stopOrExit);
  process.on('SIGINT', stopOrExit);
}

async function stop(application: INestApplication, { drainMs, limits }: StopSettings): Promise<void> {
  await application.get(Drain).begin(drainMs);
  await finishRequests(application.getHttpServer() as Server, limits.requestDrainMs);
  await application.close();
}

/** Takes no more connections, and gives requests in flight a moment: one may have been committed already. */
async function finishRequests(server: Server, ms: number): Promise<void> {
  if (!server.listening) return;
  const limit = new AbortController();
  const closed = once(server, 'close');
  server.close();
  await Promise.race([closed, after(ms, undefined, { signal: limit.signal })]);
  limit.abort();
}
