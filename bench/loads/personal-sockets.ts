import { Samples, type Summary } from '../figures.js';
import { frame, framesIn } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { openMany } from './open-many.js';
import { quiet } from './quiet.js';
import { WARM_UP_SECONDS } from './personal.js';
import { now, sentAt } from './timed-message.js';

export interface PersonalSocketsJob {
  readonly door: Door;
  readonly users: number;
}

export interface PersonalSocketsResult {
  readonly delivered: number;
  readonly bytesEach: number;
  /** From before the message was sent to its arrival, after the warm-up. */
  readonly latency: Summary;
}

/** After this silence nothing more comes. */
const QUIET_MS = 1_000;

/** A socket for each user, subscribed to his own queue. */
export async function prepare({
  door,
  users,
}: PersonalSocketsJob): Promise<() => Promise<PersonalSocketsResult>> {
  const latencies = new Samples();
  let receipts = 0;
  let delivered = 0;
  let bytesReceived = 0;
  let began: number | undefined;
  await new Promise<void>((everybodySubscribed, failed) => {
    const opening = openMany(door, users, (socket) => {
      socket.onClose = (reason) => {
        throw new Error(`In the middle of the load: ${reason}`);
      };
      socket.onMessage = () => {
        socket.onMessage = (bytes, start, end) => {
          delivered += framesIn(bytes, start, end);
          bytesReceived += end - start;
          const sent = sentAt(bytes, start) ?? Number.NaN;
          began ??= sent;
          if (sent > began + WARM_UP_SECONDS * 1_000) latencies.add(now() - sent);
        };
        if (++receipts === users) everybodySubscribed();
      };
      socket.send(frame('SUBSCRIBE', { id: '0', destination: '/user/queue/bench', receipt: '0' }));
    });
    opening.catch(failed);
  });

  return async () => {
    await quiet(() => delivered, QUIET_MS);
    return { delivered, bytesEach: bytesReceived / delivered, latency: latencies.summary() };
  };
}
