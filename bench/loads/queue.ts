import { Samples, type Summary } from '../figures.js';
import { framesIn, type StompSocket } from '../stomp-socket.js';
import type { Door, Headers } from '../target.js';
import { openMany } from './open-many.js';
import { messageFrame } from './timed-message.js';

export interface QueueJob {
  readonly door: Door;
  /** Of each SEND. */
  readonly headers: Headers;
  readonly publishers: number;
  /** SENDs of one publisher whose RECEIPT hasn't come yet. */
  readonly window: number;
  readonly bodyBytes: number;
  readonly seconds: number;
}

export interface QueueResult {
  readonly sends: number;
  readonly receipts: number;
  /** From before the SEND to its RECEIPT. */
  readonly latency: Summary;
}

const WARM_UP_SECONDS = 0.7;

/** Publishers that want a RECEIPT for each message. */
export async function prepare(job: QueueJob): Promise<() => Promise<QueueResult>> {
  const publishers: Publisher[] = [];
  await openMany(job.door, job.publishers, (socket) => publishers.push(new Publisher(socket, job)));

  const run = async (seconds: number): Promise<QueueResult> => {
    const latencies = new Samples();
    for (const publisher of publishers) publisher.start(latencies);
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    const counts = await Promise.all(publishers.map((publisher) => publisher.finish()));
    return {
      sends: counts.reduce((sum, { sends }) => sum + sends, 0),
      receipts: counts.reduce((sum, { receipts }) => sum + receipts, 0),
      latency: latencies.summary(),
    };
  };
  await run(WARM_UP_SECONDS);
  return () => run(job.seconds);
}

interface Counts {
  readonly sends: number;
  readonly receipts: number;
}

class Publisher {
  readonly #sentAt = new Map<number, number>();
  #lastReceipt = 0;
  #sends = 0;
  #receipts = 0;
  #latencies = new Samples();
  #isSending = false;
  #finished: (() => void) | undefined;

  constructor(
    private readonly socket: StompSocket,
    private readonly job: QueueJob,
  ) {
    socket.onMessage = (bytes, start, end) => this.#take(bytes, start, end);
    socket.onClose = (reason) => {
      throw new Error(`In the middle of the load: ${reason}`);
    };
  }

  start(latencies: Samples): void {
    this.#latencies = latencies;
    this.#sends = 0;
    this.#receipts = 0;
    this.#isSending = true;
    this.#fillWindow();
  }

  async finish(): Promise<Counts> {
    this.#isSending = false;
    if (this.#sentAt.size > 0) await new Promise<void>((resolve) => (this.#finished = resolve));
    return { sends: this.#sends, receipts: this.#receipts };
  }

  /** RECEIPTs may leave out of order, and several in one message. */
  #take(bytes: Buffer, start: number, end: number): void {
    const now = performance.now();
    for (const [, id] of bytes
      .toString('latin1', start, end)
      .matchAll(/^RECEIPT\n(?:.+\n)*?receipt-id:(\d+)\n/gm)) {
      const receipt = Number(id);
      const sentAt = this.#sentAt.get(receipt);
      if (sentAt === undefined) throw new Error(`RECEIPT ${receipt} came twice, or unasked`);
      this.#sentAt.delete(receipt);
      this.#receipts += 1;
      this.#latencies.add(now - sentAt);
    }
    if (this.#isSending) this.#fillWindow();
    else if (this.#sentAt.size === 0) this.#finished?.();
    if (framesIn(bytes, start, end) > 0 && bytes.toString('latin1', start, start + 5) === 'ERROR')
      throw new Error(bytes.toString('utf8', start, end));
  }

  #fillWindow(): void {
    this.socket.together(() => {
      while (this.#sentAt.size < this.job.window) this.#send();
    });
  }

  #send(): void {
    const receipt = ++this.#lastReceipt;
    this.#sends += 1;
    this.#sentAt.set(receipt, performance.now());
    this.socket.send(messageFrame({ ...this.job.headers, receipt: `${receipt}` }, this.job.bodyBytes));
  }
}
