import { cursorOf } from '../broker/cursor.js';
import type { Log, LogHead, LogMessage } from '../broker/log.js';
import type { Headers } from '../broker/message.js';
import type { Entry } from './entry.js';
import { DeliveryMarks } from './delivery-marks.js';
import type { Inbox } from './inbox.js';

/** What the application knows of the addresses and messages behind its inboxes. */
export interface Mailboxes {
  /** The owner of the inbox that an address shows. @throws what a reader of nobody's inbox is to be told */
  ownerOf(address: string): Promise<number>;
  /** The same of several addresses; those that show nobody's are left out. By default each is asked for. */
  ownersOf?(addresses: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** An entry just as it is published. */
  messageOf(entry: Entry): { readonly headers: Headers; readonly body: Uint8Array };
}

/** Inboxes as the logs of their users' addresses. */
export class InboxLog implements Log {
  readonly #deliveries: DeliveryMarks;
  /** Look-ups of owners that are under way: a reader that acknowledges a thousand rows, each alone, causes one. */
  readonly #asked = new Map<string, Promise<number>>();

  constructor(
    private readonly inbox: Inbox,
    private readonly mailboxes: Mailboxes,
  ) {
    this.#deliveries = new DeliveryMarks((owner, seqs) => inbox.mark(owner, { seqs }, 'delivered'));
  }

  async head(address: string): Promise<LogHead> {
    return this.inbox.head(await this.#ownerOf(address));
  }

  async heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
    const owners = await this.#ownersOf(addresses);
    const heads = await this.inbox.heads([...new Set(owners.values())]);
    const found = new Map<string, LogHead>();
    for (const [address, owner] of owners) {
      const head = heads.get(owner);
      if (head) found.set(address, head);
    }
    return found;
  }

  onDoubt(listener: () => void): void {
    this.inbox.onDoubt(listener);
  }

  async read(address: string, after: number, limit: number): Promise<LogMessage[]> {
    const owner = await this.#ownerOf(address);
    const entries = await this.inbox.list({ owner, filter: 'all', after, limit });
    return entries.map((entry) => this.#messageOf(address, entry));
  }

  async delivered(address: string, numbers: readonly number[]): Promise<void> {
    await this.#deliveries.note(await this.#ownerOf(address), numbers);
  }

  async renew(address: string): Promise<LogHead> {
    const owner = await this.mailboxes.ownerOf(address);
    await this.inbox.renewEpoch(owner);
    return this.inbox.head(owner);
  }

  /** Made when it is first delivered: hundreds of a page at once would hold everybody up. */
  #messageOf(address: string, entry: Entry): LogMessage {
    const { epoch, seq } = entry;
    let made: ReturnType<Mailboxes['messageOf']> | undefined;
    const message = () => (made ??= this.mailboxes.messageOf(entry));
    return {
      id: cursorOf(entry),
      address,
      position: { epoch, seq },
      get headers() {
        return message().headers;
      },
      get body() {
        return message().body;
      },
    };
  }

  #ownerOf(address: string): Promise<number> {
    const known = this.#asked.get(address);
    if (known) return known;
    const asked = this.mailboxes.ownerOf(address).finally(() => this.#asked.delete(address));
    this.#asked.set(address, asked);
    return asked;
  }

  async #ownersOf(addresses: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (this.mailboxes.ownersOf) return this.mailboxes.ownersOf(addresses);
    const owners = new Map<string, number>();
    for (const address of addresses) owners.set(address, await this.mailboxes.ownerOf(address));
    return owners;
  }
}
