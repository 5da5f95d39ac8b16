import { Samples, type Summary } from '../figures.js';
import { frame, framesIn, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { openMany } from './open-many.js';
import { quiet } from './quiet.js';
import { messageFrame, now, sentAt } from './timed-message.js';

export interface FanoutJob {
  readonly door: Door;
  /** The same as theirs unless given. */
  readonly publisher?: Door;
  readonly subscribers: number;
  readonly bodyBytes: number;
  /** Messages that not all have received yet, at most; with 1, each is received by all before the next is sent. */
  readonly window: number;
  readonly seconds: number;
}

export interface FanoutResult {
  readonly messages: number;
  readonly deliveries: number;
  /** From before the SEND to the MESSAGE, of every 25th subscriber. */
  readonly latency: Summary;
}

const WARM_UP_SECONDS = 0.7;
const TOPIC = '/topic/bench';
/** Reading the time out of each message would be most of the load's own work. */
const SAMPLED = 25;

/** One publisher, many subscribers of one topic. */
export async function prepare(job: FanoutJob): Promise<() => Promise<FanoutResult>> {
  const fanout = new Fanout(job, await StompSocket.open(job.publisher ?? job.door));
  await openMany(job.door, job.subscribers, (socket, i) => fanout.subscribe(socket, i));
  await fanout.heardByAll();
  await fanout.run(WARM_UP_SECONDS);
  return () => fanout.run(job.seconds);
}

class Fanout {
  readonly #latencies = new Samples();
  #sent = 0;
  #received = 0;
  readonly #heard = new Set<number>();
  #isSending = false;
  #onProgress: () => void = () => undefined;

  constructor(
    private readonly job: FanoutJob,
    private readonly publisher: StompSocket,
  ) {
    publisher.onClose = closed;
  }

  subscribe(socket: StompSocket, i: number): void {
    socket.onClose = closed;
    socket.onMessage = (bytes, start, end) => {
      const count = framesIn(bytes, start, end);
      if (count === 0) return;
      this.#received += count;
      this.#heard.add(i);
      if (i % SAMPLED === 0) this.#sample(bytes, start);
      if (this.#isSending) this.#fillWindow();
      this.#onProgress();
    };
    socket.send(frame('SUBSCRIBE', { id: '0', destination: TOPIC, ack: 'auto' }));
  }

  /** Not all peers answer SUBSCRIBE with a RECEIPT: so it is tried until everybody has heard something. */
  async heardByAll(): Promise<void> {
    const trying = setInterval(() => this.#send(), 100);
    await this.#progress(() => this.#heard.size === this.job.subscribers);
    clearInterval(trying);
    this.#heard.clear();
    // The last of what was tried is heard by all; then nothing is on its way.
    this.#send();
    await this.#progress(() => this.#heard.size === this.job.subscribers);
    await quiet(() => this.#received, 300);
  }

  async run(seconds: number): Promise<FanoutResult> {
    this.#sent = 0;
    this.#received = 0;
    this.#latencies.clear();
    this.#isSending = true;
    this.#fillWindow();
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    this.#isSending = false;
    await this.#progress(() => this.#received >= this.#sent * this.job.subscribers);
    return { messages: this.#sent, deliveries: this.#received, latency: this.#latencies.summary() };
  }

  #fillWindow(): void {
    const free = this.job.window - (this.#sent - Math.floor(this.#received / this.job.subscribers));
    if (free <= 0) return;
    this.publisher.together(() => {
      for (let i = 0; i < free; i++) this.#send();
    });
  }

  #send(): void {
    this.#sent += 1;
    this.publisher.send(messageFrame({ destination: TOPIC }, this.job.bodyBytes));
  }

  #sample(bytes: Buffer, start: number): void {
    const sent = sentAt(bytes, start);
    if (sent !== undefined) this.#latencies.add(now() - sent);
  }

  #progress(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onProgress = () => {
        if (!isEnough()) return;
        this.#onProgress = () => undefined;
        resolve();
      };
      this.#onProgress();
    });
  }
}

function closed(reason: string): never {
  throw new Error(`In the middle of the load: ${reason}`);
}
