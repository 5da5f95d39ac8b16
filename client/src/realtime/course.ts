import type { Link, Message, Wanted } from './link.js';
import { endOfMissed, hasHad, positionOf, type Position } from './position.js';

/** How far one subscription on a link has come. */
export class Course {
  #position: Position | undefined;
  /** Up to where what comes was missed, as its verdict says. */
  #missedUpTo: Position | undefined;
  #isReady = false;
  #isCaughtUp: boolean;
  #end: (() => void) | undefined;

  constructor(readonly start: string | undefined) {
    this.#position = positionOf(start);
    this.#isCaughtUp = start === undefined;
  }

  begin(
    link: Link,
    wanted: Omit<Wanted, 'since'>,
    { onMessage, onReady }: { readonly onMessage: (message: Message) => void; readonly onReady: () => void },
  ): void {
    this.#end = link.subscribe(
      { ...wanted, since: this.start },
      (message) => {
        this.#note(message);
        onMessage(message);
      },
      () => {
        this.#isReady = true;
        onReady();
      },
    );
  }

  end(): void {
    this.#end?.();
  }

  /** The server has the subscription. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** What was missed has come, or never will. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  #note({ eventType, body, cursor }: Message): void {
    this.#position = positionOf(cursor) ?? this.#position;
    if (eventType === 'resume') this.#missedUpTo = endOfMissed(body);
    // Without a verdict there is no log, and nothing to wait for.
    this.#isCaughtUp ||= !this.#missedUpTo || hasHad(this.#position, this.#missedUpTo);
  }
}
