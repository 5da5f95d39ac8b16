import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { Share } from '../session/share.js';
import { afterTurn, turnOfLoop } from './turn-of-loop.js';

/** Where an outbox's frames go: a socket, a response, a polling client. */
export interface Sink {
  /** Whether frames go out as they come. A poll's answer ends with its first write: what comes together should be in it. */
  readonly isStream: boolean;
  /**
   * Takes frames from the front, in as few writes as it can, and returns how many: none while it has no room.
   * Its owner calls `Outbox#flush` when it has room again. The array is its own from then on.
   */
  take(frames: readonly Uint8Array[]): number;
  /** Bytes that it took and that haven't left this process. */
  unsentBytes(): number;
  /** Its reader let too much pile up, and what waited for it was dropped. Called once. */
  overflowed(): void;
}

/** How much may wait for one connection's socket, and for how long. */
export type OutboxLimits = Pick<Limits, 'outboxBytes' | 'outboxSoftBytes' | 'outboxStallMs'>;

/**
 * What a sink is offered at once. Node reports a write when all of it is done, so small pieces are what makes
 * the count of waiting bytes exact: a reader who is slow but reads must not look like one who has stopped.
 */
const BATCH_BYTES = 64 * 1024;

/**
 * What waits for one reader, bounded. Publishers push and never wait: a reader that lets too much pile up is given
 * up, once, by `Sink#overflowed`, and what waited for it is dropped.
 */
export class Outbox {
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #isFlushScheduled = false;
  #turn = -1;
  #cameSingly = true;
  #isClosed = false;
  /** The share of its user, and (`#counted`) how many of the waiting bytes are counted there. */
  #share: Pick<Share, 'outbox'> | undefined;
  #counted = 0;
  #stall: Timer | undefined;
  #capacityCallbacks: (() => void)[] = [];
  #onEmpty: (() => void) | undefined;

  constructor(
    private readonly sink: Sink,
    private readonly services: { readonly limits: OutboxLimits; readonly clock: Clock },
  ) {}

  /** Bytes on their way to the reader, here and in the sink. */
  get waitingBytes(): number {
    return this.#bytes + this.sink.unsentBytes();
  }

  /** What waits counts as that user's, from now on. */
  countTo(share: Pick<Share, 'outbox'>): void {
    this.#count(0);
    this.#share = share;
    this.#count(this.waitingBytes);
  }

  push(frame: Uint8Array): void {
    if (this.#isClosed || this.#onEmpty) return;
    this.#frames.push(frame);
    this.#bytes += frame.byteLength;

    const { limits } = this.services;
    const waiting = this.waitingBytes;
    if (waiting > limits.outboxBytes) this.#overflow();
    else if (this.#passOn()) this.#count(0);
    // Counted in steps: for a frame to a thousand readers that leaves in this turn, counting each costs a fifth.
    else if (waiting - this.#counted > limits.outboxSoftBytes / 256 && this.#isOverShare(waiting))
      this.#overflow();
    else this.#scheduleFlush();
  }

  /** Hands over what the sink has room for; the sink's owner calls it whenever there is room. */
  flush(): void {
    if (this.#isClosed) return;
    while (this.#handOver());
    if (this.#isClosed) return;
    this.#count(this.waitingBytes);
    this.#watchForStall();
    this.#tellOfCapacity();
    this.#tellOfEnd();
  }

  /** Whether what is stored may be handed over now: below a quarter of the soft limit. */
  hasCapacity(): boolean {
    return !this.#isClosed && this.waitingBytes < this.services.limits.outboxSoftBytes / 4;
  }

  /** Calls back once, when there is room again; not at all if this closes first. */
  onCapacity(callback: () => void): void {
    this.#capacityCallbacks.push(callback);
    if (this.hasCapacity()) this.#scheduleFlush();
  }

  /** Takes nothing more, and calls back when the sink has taken the last frame; at once if nothing waits. */
  end(onEmpty: () => void): void {
    this.#onEmpty = onEmpty;
    this.flush();
    this.#tellOfEnd();
  }

  /** Drops what waits. */
  close(): void {
    this.#isClosed = true;
    this.#count(0);
    this.#stall?.cancel();
    this.#frames = [];
    this.#bytes = 0;
    this.#capacityCallbacks = [];
  }

  /**
   * A frame that comes alone in its turn of the event loop leaves at once, and who has a frame to himself in one turn
   * is taken to have it in the next. For a message to a thousand readers it saves the second round to all of them, a
   * fifth of its CPU.
   * @returns whether there is nothing left to do
   */
  #passOn(): boolean {
    const turn = turnOfLoop();
    const isFirst = turn !== this.#turn;
    this.#turn = turn;
    const isAlone = this.sink.isStream && isFirst && this.#cameSingly && this.#frames.length === 1;
    this.#cameSingly &&= isFirst;
    return isAlone && this.#handOver() && this.sink.unsentBytes() === 0;
  }

  /**
   * After the events that are ready now, not at the end of this one: what several publishers send to one reader in
   * one turn of the event loop leaves in one write.
   */
  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    afterTurn(() => {
      this.#isFlushScheduled = false;
      this.#cameSingly = this.#frames.length < 2;
      this.flush();
    });
  }

  /** @returns whether the sink took something, and may take more */
  #handOver(): boolean {
    if (this.#frames.length === 0) return false;
    const taken = this.sink.take(this.#nextBatch());
    // `close` has dropped them all.
    if (taken === 0 || this.#isClosed) return false;
    const frames = this.#frames;
    for (let i = 0; i < taken; i++) this.#bytes -= frames[i]?.byteLength ?? 0;
    this.#frames = taken === frames.length ? [] : frames.slice(taken);
    return true;
  }

  #nextBatch(): readonly Uint8Array[] {
    if (this.#bytes <= BATCH_BYTES) return this.#frames;
    let bytes = 0;
    let count = 0;
    for (const frame of this.#frames) {
      if (bytes >= BATCH_BYTES) break;
      bytes += frame.byteLength;
      count += 1;
    }
    return this.#frames.slice(0, count);
  }

  #isOverShare(waiting: number): boolean {
    this.#count(waiting);
    return this.#share?.outbox.isOver(waiting) ?? false;
  }

  #count(waiting: number): void {
    if (!this.#share || waiting === this.#counted) return;
    this.#share.outbox.add(waiting - this.#counted);
    this.#counted = waiting;
  }

  #watchForStall(): void {
    const { limits, clock } = this.services;
    if (this.waitingBytes <= limits.outboxSoftBytes) {
      this.#stall?.cancel();
      this.#stall = undefined;
    } else {
      this.#stall ??= clock.after(limits.outboxStallMs, () => {
        if (this.waitingBytes > limits.outboxSoftBytes) this.#overflow();
        else this.#stall = undefined;
      });
    }
  }

  /** One at a time: the first may use up the room, and the others wait on. */
  #tellOfCapacity(): void {
    while (this.#capacityCallbacks.length > 0 && this.hasCapacity()) this.#capacityCallbacks.shift()?.();
  }

  #tellOfEnd(): void {
    if (!this.#onEmpty || this.#frames.length > 0) return;
    const onEmpty = this.#onEmpty;
    this.close();
    this.#onEmpty = undefined;
    onEmpty();
  }

  #overflow(): void {
    this.close();
    this.sink.overflowed();
  }
}
