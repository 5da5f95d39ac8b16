import { Samples, type Summary } from '../figures.js';
import { SocketIoSocket } from '../socket-io-socket.js';
import type { Door } from '../target.js';
import { atOnce } from './open-many.js';
import { quiet } from './quiet.js';
import { ageOf, begins, NEW_MESSAGE, REFUSED, timedText } from './said.js';
import { now } from './timed-message.js';

export interface ChatJob {
  readonly door: Door;
  readonly members: number;
  readonly conversationId: number;
  readonly textBytes: number;
  /** Messages that not all have received yet, at most. */
  readonly window: number;
  readonly seconds: number;
}

export interface ChatResult {
  readonly messages: number;
  readonly deliveries: number;
  /** Events that aren't `new-message`. */
  readonly others: number;
  /** From before `send-message` to `new-message`, at every 25th member. */
  readonly latency: Summary;
}

const WARM_UP_SECONDS = 1;
const SAMPLED = 25;

/** One conversation of Socket.IO clients, of whom one after the other says something. */
export async function prepare(job: ChatJob): Promise<() => Promise<ChatResult>> {
  const chat = new Chat(job);
  await atOnce(job.members, async (i) => chat.join(await SocketIoSocket.open(job.door, i), i));
  await chat.run(WARM_UP_SECONDS);
  return () => chat.run(job.seconds);
}

class Chat {
  readonly #members: SocketIoSocket[] = [];
  readonly #latencies = new Samples();
  #sent = 0;
  #received = 0;
  #others = 0;
  #isSending = false;
  #onProgress: () => void = () => undefined;

  constructor(private readonly job: ChatJob) {}

  join(socket: SocketIoSocket, i: number): void {
    this.#members.push(socket);
    socket.onClose = (reason) => {
      throw new Error(`In the middle of the load: ${reason}`);
    };
    socket.onPacket = (bytes, start, end) => {
      if (!begins(NEW_MESSAGE, bytes, start, end)) return this.#other(bytes, start, end);
      this.#received += 1;
      if (i % SAMPLED === 0) this.#latencies.add(ageOf(bytes, start));
      if (this.#isSending && this.#received % this.job.members === 0) this.#fillWindow();
      this.#onProgress();
    };
  }

  async run(seconds: number): Promise<ChatResult> {
    const { members } = this.job;
    this.#sent = 0;
    this.#received = 0;
    this.#others = 0;
    this.#latencies.clear();
    this.#isSending = true;
    this.#fillWindow();
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    this.#isSending = false;
    await new Promise<void>((resolve) => {
      this.#onProgress = () => {
        if (this.#received >= this.#sent * members) resolve();
      };
      this.#onProgress();
    });
    // Nothing comes twice.
    await quiet(() => this.#received, 300);
    return {
      messages: this.#sent,
      deliveries: this.#received,
      others: this.#others,
      latency: this.#latencies.summary(),
    };
  }

  #fillWindow(): void {
    const { window, members } = this.job;
    while (this.#sent - Math.floor(this.#received / members) < window) this.#send();
  }

  #send(): void {
    const { conversationId, members, textBytes } = this.job;
    const text = timedText(now(), textBytes);
    this.#members[this.#sent % members]?.emit('send-message', { conversationId, text });
    this.#sent += 1;
  }

  #other(bytes: Buffer, start: number, end: number): void {
    if (begins(REFUSED, bytes, start, end)) throw new Error(bytes.toString('utf8', start, end));
    this.#others += 1;
  }
}
