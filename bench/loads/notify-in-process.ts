import { monitorEventLoopDelay } from 'node:perf_hooks';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { Samples, type Summary } from '../figures.js';
import { Commits } from './commits.js';
import { embed } from './embedded.js';

export interface NotifyInProcessJob {
  readonly databaseUrl: string;
  /** Who call `sendNotification`, each again when the last is committed. */
  readonly callers: number;
  /** Ids of users. */
  readonly recipients: readonly number[];
  readonly seconds: number;
}

export interface NotifyInProcessResult {
  readonly notifications: number;
  /** Transactions that were committed meanwhile; on SQLite an fsync each. */
  readonly commits: number;
  /** From the call until its promise is resolved. */
  readonly latency: Summary;
  readonly loopP999Ms: number;
  readonly loopMaxMs: number;
}

const WARM_UP_SECONDS = 1;

/** `NotificationService` alone, without sockets. */
export async function prepare(job: NotifyInProcessJob): Promise<() => Promise<NotifyInProcessResult>> {
  const commits = new Commits();
  const application = await embed(job.databaseUrl);
  const service = application.get(NotificationService);
  const loop = monitorEventLoopDelay({ resolution: 1 });

  const run = async (seconds: number): Promise<NotifyInProcessResult> => {
    const latencies = new Samples();
    const committedBefore = commits.count;
    const end = performance.now() + seconds * 1_000;
    let notifications = 0;
    loop.enable();
    loop.reset();
    await Promise.all(
      Array.from({ length: job.callers }, async (_, caller) => {
        for (let i = caller; performance.now() < end; i++) {
          const began = performance.now();
          await service.sendNotification(
            job.recipients[i % job.recipients.length] ?? 0,
            'Please bring your insurance card.',
          );
          latencies.add(performance.now() - began);
          notifications += 1;
        }
      }),
    );
    return {
      notifications,
      commits: commits.count - committedBefore,
      latency: latencies.summary(),
      loopP999Ms: loop.percentile(99.9) / 1e6,
      loopMaxMs: loop.max / 1e6,
    };
  };
  await run(WARM_UP_SECONDS);
  return () => run(job.seconds);
}
