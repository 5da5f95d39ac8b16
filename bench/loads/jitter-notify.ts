import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { embed } from './embedded.js';
import { paced } from './paced.js';

export interface JitterNotifyJob {
  readonly databaseUrl: string;
  readonly port: number;
  /** Ids; each gets so many. */
  readonly users: readonly number[];
  readonly each: number;
  readonly perSecond: number;
}

export interface JitterNotifyResult {
  readonly sent: number;
}

/** An application that notifies its users, one after the other. */
export async function prepare(job: JitterNotifyJob): Promise<() => Promise<JitterNotifyResult>> {
  const { users, each, perSecond } = job;
  const application = await embed(job.databaseUrl);
  await application.listen(job.port, '127.0.0.1');
  const service = application.get(NotificationService, { strict: false });
  return async () => {
    const committed: Promise<unknown>[] = [];
    await paced(users.length * perSecond, each / perSecond, (i) => {
      committed.push(service.sendNotification(users[i % users.length] ?? 0, `Notification ${i}`));
    });
    await Promise.all(committed);
    return { sent: committed.length };
  };
}
