import type { Member } from './feed.js';
import type { Message, Wanted } from './link.js';
import { hasHad, positionOf, type Position } from './position.js';

/** What an application wants to hear, over all connections. */
export interface Subscription {
  readonly destination: string;
  onMessage(message: Message): void;
  /** The server has the subscription: after the first connect and after every other. */
  onReady?(): void;
  /** Messages may be lost that nobody has any more, and none was before `since`: load anew what they would have told. */
  onGap?(since: string): void;
  /** The last cursor that was handled, to resume from. */
  since?(): string | undefined;
}

/** A subscription of this tab: it hears each message once, whichever way it comes. */
export class Listener implements Member {
  readonly wanted: Omit<Wanted, 'since'>;
  readonly #subscription: Subscription;
  readonly #onEvent: () => void;
  #hasJoined = false;
  #position: Position | undefined;

  /** @param onEvent a message has come that is neither a verdict nor a gap */
  constructor(subscription: Subscription, onEvent: () => void) {
    this.#subscription = subscription;
    this.#onEvent = onEvent;
    this.wanted = { destination: subscription.destination, hearsGaps: subscription.onGap !== undefined };
  }

  since(): string | undefined {
    const since = this.#subscription.since?.();
    this.#hasJoined = false;
    this.#position = positionOf(since);
    return since;
  }

  joined(): void {
    this.#hasJoined = true;
  }

  ready(): void {
    guarded(() => this.#subscription.onReady?.());
  }

  /** The connection over which it had joined is gone. */
  parted(): void {
    this.#hasJoined = false;
  }

  /** What comes for all who have joined. */
  hear(message: Message): void {
    if (this.#hasJoined) this.catchUp(message);
  }

  catchUp(message: Message): void {
    const { eventType, body, cursor } = message;
    if (eventType === 'gap' && this.wanted.hearsGaps)
      return guarded(() => this.#subscription.onGap?.(sinceIn(body)));
    if (eventType !== 'resume') {
      const position = positionOf(cursor);
      if (hasHad(this.#position, position)) return;
      this.#position = position ?? this.#position;
      this.#onEvent();
    } else this.#position = positionOf(cursor) ?? this.#position;
    guarded(() => this.#subscription.onMessage(message));
  }
}

/** One bad event must not stop the rest. */
function guarded(handle: () => void): void {
  try {
    handle();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Of a gap that its server told. */
function sinceIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'since' in body ? String(body.since) : '';
}
