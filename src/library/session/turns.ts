import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { Share } from './share.js';
import { promiseOf, type ToldFailure, type Work } from './work.js';

/** Says in its client's language that a request's work is done. */
export interface Answering<Request> {
  answer(request: Request): void;
}

/** What the last answer of a conversation leads to. */
export interface TurnsOwner<Request> {
  /** Says what failed, and closes. @param request the one at fault; undefined: the conversation as a whole ends */
  refuse(error: unknown, request: Request | undefined): void;
  /** The request after which nothing comes has been answered. */
  finished(): void;
}

interface Turn<Request> {
  readonly request: Request | undefined;
  readonly isLast: boolean;
  readonly afterwards: (() => void) | undefined;
  readonly bytes: number;
  state: 'working' | 'done' | 'told' | { readonly error: unknown };
}

/**
 * Answers leave in the order of their requests, each when its work is done: an answer says that all requests before it
 * were handled too, as STOMP asks of a RECEIPT. A failure waits for the answers before it, for a while. What a request is
 * and how it is answered is its owner's to say.
 */
export class Turns<Request> {
  #turns: Turn<Request>[] = [];
  /** Of requests whose work isn't finished. */
  #bytes = 0;
  #share: Pick<Share, 'pending'> | undefined;
  #timer: Timer | undefined;
  #hasFailed = false;
  #isOver = false;

  constructor(
    private readonly writer: Answering<Request>,
    private readonly session: TurnsOwner<Request>,
    private readonly patience: { readonly clock: Clock; readonly errorWaitMs: number },
  ) {}

  /** What is pending counts to this too, from now on. */
  set share(share: Pick<Share, 'pending'>) {
    this.#share = share;
    if (this.#bytes > 0) share.pending.add(this.#bytes);
  }

  /** Of requests whose work isn't finished. */
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

  /** A failure is to be told, or was told: no further request is taken. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /**
   * @param request kept until it is answered
   * @param bytes that it holds in memory until its work is finished
   */
  add(work: Work, request: Request, bytes: number): void {
    if (work === 'done' && this.#turns.length === 0) return this.writer.answer(request);
    const waiting = promiseOf(work);
    const turn: Turn<Request> = {
      request,
      isLast: work === 'last',
      afterwards: typeof work === 'object' && 'turn' in work ? work.afterwards : undefined,
      bytes,
      state: waiting ? 'working' : 'done',
    };
    this.#turns.push(turn);
    this.#weigh(bytes);
    void waiting?.then(
      (told: void | ToldFailure) => this.#finish(turn, told ?? 'done'),
      (error: unknown) => this.#finish(turn, { error }),
    );
    this.#answer();
  }

  /** The request itself was refused, or the conversation as a whole ends: told in its place. */
  fail(error: unknown, request?: Request): void {
    if (this.#isOver) return;
    this.#turns.push({
      request,
      isLast: false,
      afterwards: undefined,
      bytes: 0,
      state: { error },
    });
    this.#expectFailure();
    this.#answer();
  }

  /** The failure that is to be told waits no longer. */
  failNow(): void {
    if (this.#hasFailed && !this.#isOver) this.#refuse();
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

  #finish(turn: Turn<Request>, state: Turn<Request>['state']): void {
    turn.state = state;
    if (typeof state === 'object') this.#expectFailure();
    this.#answer();
  }

  #expectFailure(): void {
    if (this.#hasFailed || this.#isOver) return;
    this.#hasFailed = true;
    const { clock, errorWaitMs } = this.patience;
    this.#timer = clock.after(errorWaitMs, () => this.#refuse());
  }

  #answer(): void {
    for (let turn = this.#turns[0]; turn && !this.#isOver; turn = this.#turns[0]) {
      if (turn.state === 'working') return;
      if (typeof turn.state === 'object') return this.#refuse();
      this.#turns.shift();
      this.#weigh(-turn.bytes);
      if (turn.request && turn.state === 'done') this.writer.answer(turn.request);
      if (turn.isLast) this.session.finished();
      turn.afterwards?.();
    }
    // An array keeps the room that it once needed.
    if (this.#turns.length === 0) this.#turns = [];
  }

  #refuse(): void {
    const failed = this.#turns.find((turn) => typeof turn.state === 'object');
    this.stop();
    if (failed && typeof failed.state === 'object') this.session.refuse(failed.state.error, failed.request);
  }
}
