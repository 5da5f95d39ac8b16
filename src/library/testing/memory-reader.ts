import type { Message } from '../broker/message.js';
import type { Subscriber } from '../broker/subscriber.js';

/** A reader of a log: it notes what it gets, and has as much room as the test gives it. */
export class MemoryReader implements Subscriber {
  readonly messages: Message[] = [];
  room = Infinity;
  /** Rows that came though there was no room. */
  overruns = 0;
  /** Called with each message. */
  onMessage: (message: Message) => void = () => {};
  #onCapacity: (() => void) | undefined;

  constructor(readonly sessionId = 'reader') {}

  deliver(message: Message): void {
    if (!message.isControl && this.room <= 0) this.overruns++;
    this.messages.push(message);
    this.room--;
    this.onMessage(message);
  }
  hasCapacity(): boolean {
    return this.room > 0;
  }
  onCapacity(callback: () => void): void {
    this.#onCapacity = callback;
  }
  makeCapacity(places: number): void {
    this.room = places;
    if (places === 0) return;
    const callback = this.#onCapacity;
    this.#onCapacity = undefined;
    callback?.();
  }
  /** Numbers of rows, in the order in which they came. */
  get rows(): number[] {
    return this.messages
      .filter(({ isControl }) => !isControl)
      .map(({ body }) => Number(Buffer.from(body).toString()));
  }
  get verdicts(): unknown[] {
    return this.messages
      .filter(({ isControl }) => isControl)
      .map(({ body }) => JSON.parse(Buffer.from(body).toString()) as unknown);
  }
}
