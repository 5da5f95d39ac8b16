import { Samples, type Summary } from '../figures.js';
import { frame, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { HttpCaller } from './http-caller.js';

export interface NotifyHttpJob {
  /** Of HTTP. */
  readonly url: string;
  /** An operator's. */
  readonly token: string;
  /** Who is notified; each has one socket open. */
  readonly recipients: readonly Recipient[];
  readonly callers: number;
  readonly seconds: number;
}

export interface Recipient {
  readonly id: number;
  readonly door: Door;
}

export interface NotifyHttpResult {
  readonly posts: number;
  readonly pushes: number;
  /** From before the POST to its 201. */
  readonly answer: Summary;
  /** From before the POST to the MESSAGE. */
  readonly push: Summary;
  /** From the row's `timestamp`, which is taken in the transaction, to the MESSAGE: in steps of 1 ms. */
  readonly rowToPush: Summary;
}

const WARM_UP_SECONDS = 1;

/** POST /api/notifications, and the sockets where they ring. */
export async function prepare(job: NotifyHttpJob): Promise<() => Promise<NotifyHttpResult>> {
  const pushes = new Pushes();
  for (const { door } of job.recipients) await pushes.listen(door);
  const callers = await Promise.all(
    Array.from({ length: job.callers }, () => HttpCaller.open(job.url, job.token)),
  );

  const run = async (seconds: number): Promise<NotifyHttpResult> => {
    const answers = new Samples();
    const end = performance.now() + seconds * 1_000;
    let posts = 0;
    pushes.forget();
    await Promise.all(
      callers.map(async (caller, first) => {
        for (let i = first; performance.now() < end; i++) {
          const began = performance.now();
          posts += 1;
          const status = await caller.post('/api/notifications', notification(job.recipients, i, began));
          if (status !== 201) throw new Error(`POST /api/notifications was answered ${status}`);
          answers.add(performance.now() - began);
        }
      }),
    );
    await pushes.untilThereWere(posts);
    return { posts, pushes: pushes.count, answer: answers.summary(), ...pushes.summary() };
  };
  await run(WARM_UP_SECONDS);
  return () => run(job.seconds);
}

function notification(recipients: readonly Recipient[], i: number, began: number): string {
  const userId = recipients[i % recipients.length]?.id;
  return JSON.stringify({ userId, message: `sent at ${began.toFixed(3)}, please bring your insurance card` });
}

/** What arrives at the recipients. */
class Pushes {
  count = 0;
  readonly #fromPost = new Samples();
  readonly #fromRow = new Samples();
  #awaited: { readonly count: number; readonly resolve: () => void } | undefined;

  async listen(door: Door): Promise<void> {
    const socket = await StompSocket.open(door);
    const subscribed = new Promise<void>((resolve) => {
      socket.onMessage = () => {
        socket.onMessage = (bytes, start, end) => this.#take(bytes.toString('latin1', start, end));
        resolve();
      };
    });
    socket.send(frame('SUBSCRIBE', { id: '0', destination: '/user/queue/notifications', receipt: '0' }));
    await subscribed;
  }

  forget(): void {
    this.count = 0;
    this.#fromPost.clear();
    this.#fromRow.clear();
  }

  summary(): Pick<NotifyHttpResult, 'push' | 'rowToPush'> {
    return { push: this.#fromPost.summary(), rowToPush: this.#fromRow.summary() };
  }

  untilThereWere(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { count, resolve };
      this.#tell();
    });
  }

  #take(message: string): void {
    const now = performance.now();
    const began = /"message":"sent at ([\d.]+)/.exec(message)?.[1];
    const at = /"timestamp":"([^"]+)"/.exec(message)?.[1];
    if (began === undefined || at === undefined) throw new Error(`That is no notification: ${message}`);
    this.count += 1;
    this.#fromPost.add(now - Number(began));
    this.#fromRow.add(performance.timeOrigin + now - Date.parse(at));
    this.#tell();
  }

  #tell(): void {
    if (this.#awaited && this.count >= this.#awaited.count) this.#awaited.resolve();
  }
}
