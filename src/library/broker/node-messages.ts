import { Buffer } from 'node:buffer';
import type { Message } from './message.js';
import type { Subscriber, Subscription } from './subscriber.js';

/** Where nodes tell each other what is no client's: nobody may SEND or SUBSCRIBE there. */
const NODE = '/node/';
/** Before the address of a queue that has messages to claim. */
export const NODE_READY = `${NODE}ready`;

/** Whether an address is below `/node/`, where nodes speak to each other. */
export function isNodeAddress(address: string): boolean {
  return address.startsWith(NODE) && address.length > NODE.length;
}

/** What a broker does for it. */
interface Way {
  nextId(): string;
  subscribe(address: string, subscriber: Subscriber): Subscription;
  tellOthers(message: Message): void;
}

/** What the nodes of one cluster tell each other, once at most: a login has ended, a queue has messages. */
export class NodeMessages {
  constructor(private readonly broker: Way) {}

  /**
   * Tells the other nodes, and not this one.
   * @param subject such as `logins.ended`
   * @param content what JSON can hold
   */
  tell(subject: string, content: unknown): void {
    this.broker.tellOthers({
      id: this.broker.nextId(),
      address: NODE + subject,
      headers: new Map([['content-type', 'application/json']]),
      body: Buffer.from(JSON.stringify(content)),
    });
  }

  /**
   * Hears what other nodes tell.
   * @param hear given what `tell` was: of this version, or another, so that it has to be checked. What it throws is ours.
   * @param missed called when something may have been lost
   */
  listen(subject: string, hear: (content: unknown) => void, missed?: () => void): Subscription {
    return this.broker.subscribe(NODE + subject, {
      deliver: (message) => (message.isControl ? missed?.() : hear(contentOf(message))),
      hasCapacity: () => true,
      onCapacity: () => {},
      hearsGaps: missed !== undefined,
    });
  }
}

/** What a node told. Undefined for what is no JSON. */
export function contentOf({ body }: Message): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    // Of a node that tells it otherwise: the listener passes over what it doesn't know.
    return undefined;
  }
}
