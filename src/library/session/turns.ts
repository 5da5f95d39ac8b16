import type { Clock, Timer } from '../broker/clock.js';
import { weightOf } from '../broker/message.js';
import type { Limits } from '../limits.js';
import type { Frame } from '../stomp/frame.js';
import type { FrameHead } from './error-frame.js';
import { receiptOf } from './header.js';
import type { Line } from './line.js';
import type { Share } from './share.js';
import type { SessionActions, Told, Work } from './work.js';

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
  /** Of frames whose work isn't finished, their headers too. */
  #bytes = 0;
  #share: Pick<Share, 'pending'> | undefined;
  #timer: Timer | undefined;
  #hasFailed = false;
  #isOver = false;

  constructor(
    private readonly line: Pick<Line, 'receipt'>,
    private readonly session: Pick<SessionActions, 'refuse' | 'finished'>,
    private readonly patience: { readonly clock: Clock; readonly errorWaitMs: number },
  ) {}

  /** What is pending counts to this too, from now on. */
  set share(share: Pick<Share, 'pending'>) {
    this.#share = share;
    if (this.#bytes > 0) share.pending.add(this.#bytes);
  }

  /** Of frames whose work isn't finished. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether no more may be added before some of it is done. @see Limits */
  isCrowded({ pendingFrames, pendingBytes }: Pick<Limits, 'pendingFrames' | 'pendingBytes'>): boolean {
    if (this.#bytes === 0) return this.#turns.length >= pendingFrames;
    return (
      this.#turns.length >= pendingFrames ||
      this.#bytes > pendingBytes ||
      (this.#share?.pending.isOver(this.#bytes) ?? false)
    );
  }

  /** An ERROR is due, or was sent: no further frame is taken. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  add(work: Work, frame: FrameHead & Partial<Pick<Frame, 'body'>>): void {
    if (work === 'done' && this.#turns.length === 0) return this.#answerReceipt(frame);
    const waiting = promiseOf(work);
    const bytes = weightOf({ headers: frame.headers, body: frame.body ?? NO_BODY });
    const turn: Turn = {
      // Without the body, which may be large and isn't this one's to keep.
      frame: { command: frame.command, headers: frame.headers },
      isLast: work === 'last',
      afterwards: typeof work === 'object' && 'turn' in work ? work.afterwards : undefined,
      bytes,
      state: waiting ? 'working' : 'done',
    };
    this.#turns.push(turn);
    this.#weigh(bytes);
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
    this.#weigh(-this.#bytes);
    this.#timer?.cancel();
  }

  #weigh(change: number): void {
    this.#bytes += change;
    this.#share?.pending.add(change);
  }

  #finish(turn: Turn, state: Turn['state']): void {
    turn.state = state;
    if (typeof state === 'object') this.#expectError();
    this.#answer();
  }

  #expectError(): void {
    if (this.#hasFailed || this.#isOver) return;
    this.#hasFailed = true;
    const { clock, errorWaitMs } = this.patience;
    this.#timer = clock.after(errorWaitMs, () => this.#answerError());
  }

  #answer(): void {
    for (let turn = this.#turns[0]; turn && !this.#isOver; turn = this.#turns[0]) {
      if (turn.state === 'working') return;
      if (typeof turn.state === 'object') return this.#answerError();
      this.#turns.shift();
      this.#weigh(-turn.bytes);
      if (turn.frame && turn.state === 'done') this.#answerReceipt(turn.frame);
      if (turn.isLast) this.session.finished();
      turn.afterwards?.();
    }
    // An array keeps the room that it once needed.
    if (this.#turns.length === 0) this.#turns = [];
  }

  #answerError(): void {
    const failed = this.#turns.find((turn) => typeof turn.state === 'object');
    this.stop();
    if (failed && typeof failed.state === 'object') this.session.refuse(failed.state.error, failed.frame);
  }

  #answerReceipt(frame: FrameHead): void {
    const receipt = receiptOf(frame);
    if (receipt !== undefined) this.line.receipt(receipt);
  }
}

function promiseOf(work: Work): Promise<void | Told> | undefined {
  if (typeof work === 'string') return undefined;
  return 'turn' in work ? work.turn : work.stored;
}

const NO_BODY = new Uint8Array();
