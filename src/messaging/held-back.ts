import type { Message } from '../broker/message.js';
import type { Subscriber } from '../broker/subscriber.js';

/** Subscribed now, heard later: keeps what comes until somebody is there to take it. */
export class HeldBack implements Subscriber {
  #kept: Message[] = [];
  #taker: Subscriber | undefined;

  deliver(message: Message): void {
    if (this.#taker) this.#taker.deliver(message);
    else this.#kept.push(message);
  }

  hasRoom(): boolean {
    return this.#taker?.hasRoom() ?? false;
  }

  onRoom(callback: () => void): void {
    this.#taker?.onRoom(callback);
  }

  release(taker: Subscriber): void {
    this.#taker = taker;
    for (const message of this.#kept.splice(0)) taker.deliver(message);
  }
}
