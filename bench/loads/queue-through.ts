import { Samples, type Summary } from '../figures.js';
import { frame, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { openMany } from './open-many.js';
import { messageFrame, now, sentAt } from './timed-message.js';

export interface QueueThroughJob {
  readonly destination: string;
  readonly publisher: Door;
  readonly consumer: Door;
  readonly publishers: number;
  readonly consumers: number;
  /** Messages that were sent and not yet acknowledged, at most. */
  readonly window: number;
  readonly bodyBytes: number;
  readonly seconds: number;
}

export interface QueueThroughResult {
  readonly sends: number;
  readonly acknowledged: number;
  /** From before the SEND to the MESSAGE, of the first of each write. */
  readonly latency: Summary;
}

const WARM_UP_SECONDS = 1;
const PREFETCH = 500;

/** What publishers put into a queue, consumers take out of it and acknowledge. */
export async function prepare(job: QueueThroughJob): Promise<() => Promise<QueueThroughResult>> {
  const through = new Through(job);
  await openMany(job.consumer, job.consumers, (socket) => through.consume(socket));
  await openMany(job.publisher, job.publishers, (socket) => through.publish(socket));
  await through.run(WARM_UP_SECONDS);
  return () => through.run(job.seconds);
}

class Through {
  readonly #latencies = new Samples();
  readonly #publishers: StompSocket[] = [];
  #sent = 0;
  #acknowledged = 0;
  #isSending = false;
  #finished: (() => void) | undefined;

  constructor(private readonly job: QueueThroughJob) {}

  publish(socket: StompSocket): void {
    socket.onClose = closed;
    this.#publishers.push(socket);
  }

  consume(socket: StompSocket): void {
    socket.onClose = closed;
    socket.onMessage = (bytes, start, end) => {
      const sent = sentAt(bytes, start);
      if (sent !== undefined) this.#latencies.add(now() - sent);
      const acks = [...bytes.toString('latin1', start, end).matchAll(/\nack:(.+)\n/g)];
      if (acks.length === 0) return;
      socket.together(() => {
        for (const [, id = ''] of acks) socket.send(frame('ACK', { id }));
      });
      this.#acknowledged += acks.length;
      if (this.#isSending) this.#fillWindow();
      else if (this.#acknowledged >= this.#sent) this.#finished?.();
    };
    const { destination } = this.job;
    const mode = { ack: 'client-individual', 'prefetch-count': `${PREFETCH}` };
    socket.send(frame('SUBSCRIBE', { id: '0', destination, ...mode }));
  }

  async run(seconds: number): Promise<QueueThroughResult> {
    this.#sent = 0;
    this.#acknowledged = 0;
    this.#latencies.clear();
    this.#isSending = true;
    this.#fillWindow();
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    this.#isSending = false;
    if (this.#acknowledged < this.#sent) await new Promise<void>((done) => (this.#finished = done));
    return { sends: this.#sent, acknowledged: this.#acknowledged, latency: this.#latencies.summary() };
  }

  /** What is free is shared among the publishers, each with one write. */
  #fillWindow(): void {
    const free = this.job.window - (this.#sent - this.#acknowledged);
    const each = Math.floor(free / this.#publishers.length);
    if (each === 0) return;
    const message = messageFrame({ destination: this.job.destination }, this.job.bodyBytes);
    for (const publisher of this.#publishers) {
      publisher.together(() => {
        for (let i = 0; i < each; i++) publisher.send(message);
      });
      this.#sent += each;
    }
  }
}

function closed(reason: string): never {
  throw new Error(`In the middle of the load: ${reason}`);
}
