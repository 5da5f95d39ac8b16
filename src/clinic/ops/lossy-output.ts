import { fstatSync, openSync, constants, write as writeToFile, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';

/** Takes bytes now, and calls back when it has taken them, or how many of them, or why it can't. Never waits. */
type WriteTarget = (
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, taken: number) => void,
) => void;

/** How long something that takes nothing now is left alone: a terminal that was stopped, a disk that is full. */
const RETRY_MS = 100;
/** What is handed over at once. */
const BATCH_BYTES = 64 * 1024;

/**
 * Lines to a file descriptor, of which nobody may ever have to wait for one: what can't leave now waits within a bound,
 * what doesn't fit is dropped and counted, and whatever happens at the other end (a pipe that nobody reads, or that is
 * closed, a full disk, a stopped terminal) is no fault of this process's. Node's own `process.stderr` writes to pipes and
 * terminals synchronously, and the process stands still with them.
 */
export class LossyOutput {
  #waiting: string[] = [];
  #waitingBytes = 0;
  #inHand: Buffer | undefined;
  #untoldLoss = 0;
  #droppedLines = 0;
  #onEmpty: (() => void)[] = [];

  /** @param options.lossOf the line that says how many lines were dropped */
  constructor(
    private readonly descriptor: number,
    private readonly options: { readonly limitBytes: number; readonly lossOf: (lines: number) => string },
  ) {}

  /** Since the process began. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** @param text whole lines */
  write(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#waitingBytes + bytes > this.options.limitBytes) {
      this.#droppedLines += 1;
      this.#untoldLoss += 1;
      return;
    }
    this.#add(text, bytes);
    if (this.#untoldLoss > 0 && this.#waitingBytes < this.options.limitBytes / 2) this.#tellOfLoss();
    if (!this.#inHand) this.#handOver();
  }

  /** Resolves when all has left, `ms` later at the latest. */
  flushed(ms: number): Promise<void> {
    if (this.#waitingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, ms);
      this.#onEmpty.push(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  /** For a process that ends now: one attempt, which waits for nothing. */
  flushNow(): void {
    if (this.#inHand) return;
    try {
      writeSync(this.descriptor, this.#waiting.join(''));
    } catch {
      // Where to say it?
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #add(text: string, bytes: number): void {
    this.#waiting.push(text);
    this.#waitingBytes += bytes;
  }

  #tellOfLoss(): void {
    const line = this.options.lossOf(this.#untoldLoss);
    this.#untoldLoss = 0;
    this.#add(line, Buffer.byteLength(line));
  }

  #handOver(): void {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && bytes < BATCH_BYTES; count += 1)
      bytes += Buffer.byteLength(this.#waiting[count] ?? '');
    this.#inHand = Buffer.from(this.#waiting.splice(0, count).join(''));
    this.#pass();
  }

  #pass(): void {
    const bytes = this.#inHand;
    if (!bytes) return;
    targetOf(this.descriptor)(bytes, (error, taken) => {
      this.#inHand = bytes.subarray(taken);
      this.#waitingBytes -= taken;
      if (error) setTimeout(() => this.#pass(), RETRY_MS).unref();
      else if (this.#inHand.length > 0) this.#pass();
      else this.#goOn();
    });
  }

  #goOn(): void {
    this.#inHand = undefined;
    if (this.#untoldLoss > 0 && this.#waitingBytes < this.options.limitBytes / 2) this.#tellOfLoss();
    if (this.#waiting.length > 0) return this.#handOver();
    const callbacks = this.#onEmpty;
    this.#onEmpty = [];
    for (const callback of callbacks) callback();
  }
}

/** One for each descriptor, however many write to it: libuv watches a descriptor once. */
const targets = new Map<number, WriteTarget>();

function targetOf(descriptor: number): WriteTarget {
  const destination = targets.get(descriptor) ?? open(descriptor);
  targets.set(descriptor, destination);
  return destination;
}

function open(descriptor: number): WriteTarget {
  const stats = fstatSync(descriptor);
  if (stats.isFIFO() || stats.isSocket()) return pipe(descriptor);
  return file(isatty(descriptor) ? withoutWaiting(descriptor) : descriptor);
}

/** By the event loop: it waits for a reader without a thread. */
function pipe(descriptor: number): WriteTarget {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  socket.unref();
  // The descriptor of a standard stream is never closed: the next file that is opened would be it.
  socket._destroy = (error, callback) => callback(error);
  let isGone = false;
  socket.on('error', () => (isGone = true));
  return (bytes, done) => {
    // Nobody will read any more: it is as if somebody had.
    if (isGone) process.nextTick(done, null, bytes.length);
    else socket.write(bytes, () => done(null, bytes.length));
  };
}

/** By a thread of the pool, one write at a time. */
function file(descriptor: number): WriteTarget {
  return (bytes, done) => writeToFile(descriptor, bytes, done);
}

/** A terminal that is stopped (^S) would keep the thread; opened anew, it says EAGAIN. */
function withoutWaiting(descriptor: number): number {
  try {
    return openSync(
      `/proc/self/fd/${descriptor}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch {
    // Another user's terminal, or another system than Linux.
    return descriptor;
  }
}
