import { frame, StompSocket } from '../stomp-socket.js';
import { prepare as prepareFanout, type FanoutJob, type FanoutResult } from './fanout.js';
import { openMany } from './open-many.js';

export interface PatternsJob extends Pick<
  FanoutJob,
  'door' | 'publisherDoor' | 'bodyBytes' | 'window' | 'seconds'
> {
  /** With patterns that match nothing of what is sent. */
  readonly bystanders: number;
  readonly topics: number;
}

/** Of one connection. */
const SUBSCRIPTIONS = 100;
const SEATED = '/topic/seated';

/** One subscriber by a pattern, and many by other patterns. */
export async function prepare(job: PatternsJob): Promise<() => Promise<FanoutResult>> {
  const seated: Promise<void>[] = [];
  await openMany(job.door, Math.ceil(job.bystanders / SUBSCRIPTIONS), (socket, i) => {
    const first = i * SUBSCRIPTIONS;
    seated.push(subscribe(socket, first, Math.min(job.bystanders, first + SUBSCRIPTIONS), job.topics));
  });
  // Not all peers have RECEIPTs: so it is tried until everybody has heard something.
  const caller = await StompSocket.open(job.publisherDoor);
  const calling = setInterval(() => caller.send(frame('SEND', { destination: SEATED }, 'Seated?')), 100);
  await Promise.all(seated);
  clearInterval(calling);
  return prepareFanout({
    ...job,
    subscribers: 1,
    destination: '/topic/bench.news',
    pattern: '/topic/bench.*',
  });
}

/** Resolves when all of them count: frames are handled in order, and the last one brings a message. */
function subscribe(socket: StompSocket, first: number, end: number, topics: number): Promise<void> {
  return new Promise((resolve) => {
    socket.onClose = (reason) => {
      throw new Error(`In the middle of the load: ${reason}`);
    };
    socket.onMessage = () => resolve();
    for (let i = first; i < end; i++) {
      const rest = Math.floor(i / topics) % 2 === 0 ? '*' : '**';
      const destination = `/topic/ward-${i % topics}.${rest}`;
      socket.send(frame('SUBSCRIBE', { id: `${i}`, destination, ack: 'auto' }));
    }
    socket.send(frame('SUBSCRIBE', { id: 'seated', destination: SEATED, ack: 'auto' }));
  });
}
