import { Refusal } from '../errors.js';
import { weightOf } from '../broker/message.js';
import type { OwnSlices } from '../broker/slices.js';
import type { Limits } from '../limits.js';
import { Decoder } from '../stomp/decoder.js';
import type { Frame, FrameHead } from '../stomp/frame.js';
import { refusals } from '../stomp/refusals.js';
import type { Version } from '../stomp/version.js';
import type { Interceptors } from './interceptors.js';
import type { FrameWriter } from './frame-writer.js';
import type { ClientSession } from './ports.js';
import type { Share } from './share.js';
import type { Turns } from './turns.js';
import type { SessionActions } from './work.js';

/**
 * A client's bytes as frames, taken strictly in turn, and no faster than their work is done: a client that sends fast
 * is slowed, not refused. Three things are told apart:
 *
 * - Whether it takes frames. It is *free*, and takes what is there; or *held*, by one thing at a time: a frame that waits
 *   in an interceptor, a frame whose turn isn't over (`Work`'s `turn`), or the end of its time in this turn of the event
 *   loop. What holds it releases it, once, and it goes on with what came meanwhile.
 * - Whether it reads. It is *paused* while too much is unanswered (`Turns#isCrowded`), or while it is held and more has
 *   come than may wait. Every look at the frames ends with that decision, and only a change reaches the wire.
 * - Whether it is *done*, and takes nothing any more: it had its last frame (DISCONNECT, or, after `finish`, the last
 *   one in hand), an ERROR is due, or the session is over (`stop`). It stays done; what holds it may still release it.
 *
 * What waits here is weighed after every look: as the strangers' until CONNECT is accepted, then as its user's.
 */
export class Intake {
  readonly #decoder: Decoder;
  /** A frame is being waited for, before the next is taken. */
  #isHeld = false;
  #takenAtOnce = 0;
  #share: Pick<Share, 'input'>;
  /** Undefined while its sender is a stranger. */
  #client: ClientSession | undefined;
  #hasFirst = false;
  /** What `#share` knows of. */
  #weighed = 0;
  #isPaused = false;
  /** Its client has said all that it will say. */
  #hadLast = false;
  #hasHeardAll = false;
  #isOver = false;

  constructor(
    private readonly turns: Turns<FrameHead>,
    private readonly session: Pick<SessionActions, 'perform'>,
    private readonly services: IntakeServices,
    share: Pick<Share, 'input'>,
  ) {
    this.#decoder = new Decoder(services.limits);
    this.#share = share;
  }

  /** CONNECT is accepted; until then frames are read as before CONNECTED, and their sender is a stranger. */
  accepted(version: Version, client: ClientSession, share: Pick<Share, 'input'>): void {
    this.#client = client;
    this.#decoder.version = version;
    this.#weigh(0);
    this.#share = share;
    this.#weigh(this.#decoder.heldBytes);
  }

  /** Whether nothing was taken yet: what comes should be a CONNECT. */
  get isNew(): boolean {
    return !this.#hasFirst;
  }

  /** Takes bytes as they came, however they were cut. Never throws. */
  push(bytes: Uint8Array): void {
    if (this.#isDone) return;
    this.#decoder.push(bytes);
    if (!this.#isHeld) this.#takenAtOnce = 0;
    this.#takeFrames();
  }

  /** No more bytes come: what is in hand is taken, and then it is as if by DISCONNECT. */
  finish(): void {
    this.#hasHeardAll = true;
    this.#takeMore();
  }

  /** Takes nothing more. */
  stop(): void {
    this.#isOver = true;
    this.#weigh(0);
  }

  #takeFrames(): void {
    const { limits, slices } = this.services;
    while (!this.#isHeld && !this.#isDone && !this.turns.isCrowded(limits)) {
      if (this.#takenAtOnce++ >= limits.framesAtOnce || slices.isOver) {
        this.#breathe();
        break;
      }
      let frame;
      try {
        frame = this.#decoder.next();
        if (!frame) {
          if (this.isNew && this.#decoder.begunBytes > limits.connectBytes) {
            throw refusals.connectTooLarge(limits.connectBytes);
          }
          if (this.#hasHeardAll) this.#takeLast();
          break;
        }
        this.#hasFirst = true;
        slices.attend();
        this.#passOn(frame);
      } catch (error) {
        this.turns.fail(error, frame ?? this.#decoder.refused);
      }
    }
    this.#throttle();
  }

  #takeLast(): void {
    this.#hadLast = true;
    this.turns.add('last', { command: 'DISCONNECT', headers: new Map() }, 0);
  }

  /** Lets others have their turn: they wait no longer for one long message than for many short ones. */
  #breathe(): void {
    this.#hold();
    this.services.slices.later(() => {
      this.#takenAtOnce = 0;
      this.#nextTurn();
    });
  }

  /** Through the interceptors; a frame that waits in one holds those behind it. */
  #passOn(frame: Frame): void {
    const passed = this.services.interceptors?.inbound(frame, this.#client) ?? frame;
    if (!(passed instanceof Promise)) return this.#take(passed);
    this.#hold();
    void passed
      .then((frame) => {
        this.#release();
        this.#take(frame);
      })
      .catch((error: unknown) => this.turns.fail(error, frame))
      .then(() => this.#takeMore());
  }

  #take(frame: Frame): void {
    if (this.#isOver || this.turns.hasFailed) return;
    const work = this.session.perform(frame);
    // Before this goes on: a failed turn must be known before the next frame is taken.
    // Without the body, which may be large and isn't kept for the answer.
    const { command, headers } = frame;
    this.turns.add(work, { command, headers }, weightOf(frame));
    if (work === 'last') this.#hadLast = true;
    if (typeof work === 'string') return;
    if ('turn' in work) {
      this.#hold();
      const goOn = (): void => this.#nextTurn();
      void work.turn.then(goOn, goOn);
    } else {
      const goOn = (): void => this.#takeMore();
      void work.stored.then(goOn, goOn);
    }
  }

  #hold(): void {
    if (this.#isHeld) throw new Error('The intake was held twice');
    this.#isHeld = true;
  }

  #release(): void {
    if (!this.#isHeld) throw new Error('The intake was released, and nothing held it');
    this.#isHeld = false;
  }

  #nextTurn(): void {
    this.#release();
    this.#takeFrames();
  }

  #takeMore(): void {
    if (!this.#isHeld) this.#takeFrames();
  }

  get #isDone(): boolean {
    return this.#hadLast || this.#isOver || this.turns.hasFailed;
  }

  #throttle(): void {
    const { limits, writer } = this.services;
    this.#checkWeight();
    const isFull =
      this.turns.isCrowded(limits) || (this.#isHeld && this.#decoder.bufferedBytes > limits.heldBytes);
    if (isFull === this.#isPaused || this.#isOver) return;
    this.#isPaused = isFull;
    if (isFull) writer.pause();
    else writer.resume();
  }

  /** Bytes that wait here for the rest of their frame; of a stranger also the CONNECT, until it is answered. */
  #checkWeight(): void {
    if (this.#isDone) return this.#weigh(0);
    const bytes = this.#decoder.heldBytes + (this.#client === undefined ? this.turns.bytes : 0);
    if (bytes === this.#weighed) return;
    this.#weigh(bytes);
    if (!this.#share.input.isOver(bytes)) return;
    this.turns.fail(
      new Refusal('rate_limited', 'More was begun than there is room for; end a frame before the next.', {
        retryAfterMs: 1_000,
      }),
    );
    this.#weigh(0);
  }

  #weigh(bytes: number): void {
    if (bytes === this.#weighed) return;
    this.#share.input.add(bytes - this.#weighed);
    this.#weighed = bytes;
  }
}

/** What an intake needs of its session. */
export interface IntakeServices {
  readonly limits: Limits;
  /** The sender's, in which its frames are taken. */
  readonly slices: OwnSlices;
  readonly writer: Pick<FrameWriter, 'pause' | 'resume'>;
  readonly interceptors: Interceptors | undefined;
}
