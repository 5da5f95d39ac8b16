import type { Clock, Timer } from '../broker/clock.js';
import type { Told, Work } from './connected.js';
import type { FrameHead } from './error-body.js';
import { receiptOf } from './header.js';

/** What a session says when a frame's turn to be answered has come. */
export interface Answers {
  receipt(id: string): void;
  /** @param frame the one at fault, where it was one */
  error(error: unknown, frame: FrameHead | undefined): void;
  /** The frame after which nothing comes has been answered. */
  last(): void;
}

interface Turn {
  readonly frame: FrameHead | undefined;
  readonly isLast: boolean;
  readonly afterwards: (() => void) | undefined;
  readonly bytes: number;
  state: 'working' | 'done' | 'told' | { readonly error: unknown };
}

/**
 * Answers leave in the order of the frames that they answer, each when its work is done: a RECEIPT says that all
 * frames before it were handled too (STOMP 1.2, RECEIPT). An ERROR waits for those before it, for a while.
 */
export class Turns {
  #turns: Turn[] = [];
  #bytes = 0;
  #patience: Timer | undefined;
  #hasFailed = false;
  #isOver = false;

  constructor(
    private readonly answers: Answers,
    private readonly clock: Clock,
    private readonly errorWaitMs: number,
  ) {}

  /** Frames whose work isn't finished. */
  get pending(): number {
    return this.#turns.length;
  }

  /** Bytes of bodies whose work isn't finished. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** An ERROR is due, or was sent: no further frame is taken. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** @param bytes what the frame's work holds on to */
  add(work: Work | undefined, frame: FrameHead, bytes = 0): void {
    if (work === undefined && this.#turns.length === 0) return this.#answerReceipt(frame);
    const waiting = work?.turn ?? work?.done;
    const turn: Turn = {
      // Without the body, which may be large and isn't this one's to keep.
      frame: { command: frame.command, headers: frame.headers },
      isLast: work?.isLast ?? false,
      afterwards: work?.afterwards,
      bytes,
      state: waiting ? 'working' : 'done',
    };
    this.#turns.push(turn);
    this.#bytes += bytes;
    void waiting?.then(
      (told: void | Told) => this.#finish(turn, told ?? 'done'),
      (error: unknown) => this.#finish(turn, { error }),
    );
    this.#answer();
  }

  /** The frame itself was refused, or the session as a whole ends: ERROR in its place. */
  fail(error: unknown, frame?: FrameHead): void {
    if (this.#isOver) return;
    this.#turns.push({
      frame,
      isLast: false,
      afterwards: undefined,
      bytes: 0,
      state: { error },
    });
    this.#expectError();
    this.#answer();
  }

  /** The ERROR that is due waits no longer. */
  failNow(): void {
    if (this.#hasFailed && !this.#isOver) this.#answerError();
  }

  /** Nothing is answered any more. */
  stop(): void {
    this.#isOver = true;
    this.#turns = [];
    this.#patience?.cancel();
  }

  #finish(turn: Turn, state: Turn['state']): void {
    turn.state = state;
    if (typeof state === 'object') this.#expectError();
    this.#answer();
  }

  #expectError(): void {
    if (this.#hasFailed || this.#isOver) return;
    this.#hasFailed = true;
    this.#patience = this.clock.after(this.errorWaitMs, () => this.#answerError());
  }

  #answer(): void {
    for (let turn = this.#turns[0]; turn && !this.#isOver; turn = this.#turns[0]) {
      if (turn.state === 'working') return;
      if (typeof turn.state === 'object') return this.#answerError();
      this.#turns.shift();
      this.#bytes -= turn.bytes;
      if (turn.frame && turn.state === 'done') this.#answerReceipt(turn.frame);
      if (turn.isLast) this.answers.last();
      turn.afterwards?.();
    }
    // An array keeps the room that it once needed.
    if (this.#turns.length === 0) this.#turns = [];
  }

  #answerError(): void {
    const failed = this.#turns.find((turn) => typeof turn.state === 'object');
    this.stop();
    if (failed && typeof failed.state === 'object') this.answers.error(failed.state.error, failed.frame);
  }

  #answerReceipt(frame: FrameHead): void {
    const receipt = receiptOf(frame);
    if (receipt !== undefined) this.answers.receipt(receipt);
  }
}
