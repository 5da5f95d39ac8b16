import { Samples, type Summary } from '../figures.js';
import { frame, framesIn, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { openMany } from './open-many.js';
import { paced } from './paced.js';
import { quiet } from './quiet.js';
import { SlowReader } from './slow-reader.js';
import { messageFrame, now, sentAt } from './timed-message.js';

export interface SlowJob {
  readonly door: Door;
  /** Who read what comes as it comes. */
  readonly quick: number;
  readonly slow: number;
  readonly perSecond: number;
  readonly bodyBytes: number;
  readonly seconds: number;
}

export interface SlowResult {
  readonly messages: number;
  /** To the quick ones. */
  readonly delivered: number;
  /** From before the SEND to the MESSAGE, of every 5th quick one. */
  readonly latency: Summary;
  readonly slowBytes: number;
  readonly slowOpen: number;
}

const TOPIC = '/topic/bench';
const WARM_UP_SECONDS = 1;
const SAMPLED = 5;

/** A steady stream to many, of whom some don't keep up. */
export async function prepare(job: SlowJob): Promise<() => Promise<SlowResult>> {
  const latencies = new Samples();
  const heard = new Set<number>();
  let delivered = 0;
  let onDelivered: () => void = () => undefined;
  const until = (isEnough: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      onDelivered = () => {
        if (isEnough()) resolve();
      };
      onDelivered();
    });

  await openMany(job.door, job.quick, (socket, i) => {
    socket.onClose = closed;
    socket.onMessage = (bytes, start, end) => {
      delivered += framesIn(bytes, start, end);
      heard.add(i);
      const sent = i % SAMPLED === 0 ? sentAt(bytes, start) : undefined;
      if (sent !== undefined) latencies.add(now() - sent);
      onDelivered();
    };
    socket.send(frame('SUBSCRIBE', { id: '0', destination: TOPIC, ack: 'auto' }));
  });
  const publisher = await StompSocket.open(job.door);
  const send = (): void => publisher.send(messageFrame({ destination: TOPIC }, job.bodyBytes));

  // Not all peers have RECEIPTs: so it is tried until everybody has heard something.
  const trying = setInterval(send, 100);
  const slow = await Promise.all(Array.from({ length: job.slow }, () => SlowReader.open(job.door, TOPIC)));
  await until(() => heard.size === job.quick);
  clearInterval(trying);
  await paced(job.perSecond, WARM_UP_SECONDS, send);
  await quiet(() => delivered, 300);

  return async () => {
    delivered = 0;
    latencies.clear();
    const messages = await paced(job.perSecond, job.seconds, send);
    await until(() => delivered >= messages * job.quick);
    const slowBytes = slow.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    await Promise.all(slow.map((reader) => reader.catchUp()));
    return {
      messages,
      delivered,
      latency: latencies.summary(),
      slowBytes,
      slowOpen: slow.filter(({ isOpen }) => isOpen).length,
    };
  };
}

function closed(reason: string): never {
  throw new Error(`In the middle of the load: ${reason}`);
}
