import type { Draft } from '../broker/message.js';
import type { Frame, FrameHead } from '../stomp/frame.js';
import type { ClosingCode } from '../errors.js';
import type { ApplicationRequest } from './ports.js';
import type { Settling } from './settlement.js';

/** The effect of a SEND, ACK or NACK that was checked: done at once, or held in a transaction until COMMIT. */
export type Action =
  | { readonly kind: 'publish'; readonly draft: Draft }
  | { readonly kind: 'call'; readonly request: ApplicationRequest }
  | { readonly kind: 'enqueue'; readonly draft: Draft }
  | ({ readonly kind: 'settle' } & Settling);

/** A method failed, and its client was told on `/user/queue/errors`, so no RECEIPT follows. */
export type ToldFailure = 'told';

/** What is left of a request's work (of a frame's, in STOMP) after its command returned. `Turns` answers failing promises. */
export type Work =
  | 'done'
  /** Nothing is accepted after this one, and the connection closes once it is answered. */
  | 'last'
  /** The answer waits for the store, or for other nodes, and the next requests are taken meanwhile. */
  | { readonly stored: Promise<void> }
  /** The next request waits too. `afterwards`: to be done once this one is answered, what has to come after that. */
  | { readonly turn: Promise<void | ToldFailure>; readonly afterwards?: () => void };

/**
 * Work that begins when something else is known; its client may have left by then.
 * @param ready rejects with what refuses the request
 */
export function once(ready: Promise<unknown>, begin: () => Work): Work {
  let afterwards: (() => void) | undefined;
  const turn = ready.then(() => {
    const work = begin();
    if (typeof work === 'object' && 'turn' in work) ({ afterwards } = work);
    return promiseOf(work);
  });
  return { turn, afterwards: () => afterwards?.() };
}

/** Undefined where nothing is waited for. */
export function promiseOf(work: Work): Promise<void | ToldFailure> | undefined {
  if (typeof work === 'string') return undefined;
  return 'turn' in work ? work.turn : work.stored;
}

/** What the parts of a session ask of the whole. */
export interface SessionActions {
  /** @throws {Refusal} where the frame has no place now */
  perform(frame: Frame): Work;
  /** STOMP 1.2, ERROR, and the close: the turn of what failed has come. @param frame the one at fault, where it was one */
  refuse(error: unknown, frame: FrameHead | undefined): void;
  /** The frame after which nothing comes has been answered. */
  finished(): void;
  /** Something failed that no frame waits for: ERROR in its turn, then the close. */
  fail(error: unknown): void;
  /** The node ends the session: ERROR, then the close. */
  terminate(code: ClosingCode): void;
}
