import type { Log, LogHead, LogMessage } from '../broker/log.js';
import type { Headers } from '../broker/message.js';
import type { Entry } from './entry.js';
import { Deliveries } from './deliveries.js';
import type { Inbox } from './inbox.js';

/** What the application knows of the addresses and messages behind its inboxes. */
export interface Mailboxes {
  /** Whose inbox an address shows. @throws what a reader of nobody's inbox is to hear */
  ownerOf(address: string): Promise<number>;
  /** An entry just as it is published. */
  messageOf(entry: Entry): { readonly headers: Headers; readonly body: Uint8Array };
}

/** Inboxes as the logs of their users' addresses. */
export class InboxLog implements Log {
  readonly #deliveries: Deliveries;

  constructor(
    private readonly inbox: Inbox,
    private readonly mailboxes: Mailboxes,
  ) {
    this.#deliveries = new Deliveries((owner, seqs) => inbox.mark(owner, { seqs }, 'delivered'));
  }

  async head(address: string): Promise<LogHead> {
    return this.inbox.head(await this.mailboxes.ownerOf(address));
  }

  async read(address: string, after: number, limit: number): Promise<LogMessage[]> {
    const owner = await this.mailboxes.ownerOf(address);
    const entries = await this.inbox.list({ owner, filter: 'all', after, limit });
    return entries.map((entry) => {
      const { headers, body } = this.mailboxes.messageOf(entry);
      return { id: entry.cursor, seq: entry.seq, address, headers, body };
    });
  }

  async delivered(address: string, numbers: readonly number[]): Promise<void> {
    await this.#deliveries.note(await this.mailboxes.ownerOf(address), numbers);
  }

  async renew(address: string): Promise<LogHead> {
    const owner = await this.mailboxes.ownerOf(address);
    await this.inbox.renewEpoch(owner);
    return this.inbox.head(owner);
  }
}
