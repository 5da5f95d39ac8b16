import type { Log, LogHead, LogMessage } from '../broker/log.js';
import type { Headers } from '../broker/message.js';
import type { Entry } from './entry.js';
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
  constructor(
    private readonly inbox: Inbox,
    private readonly mailboxes: Mailboxes,
  ) {}

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
    await this.inbox.mark(await this.mailboxes.ownerOf(address), { seqs: numbers }, 'delivered');
  }

  async renew(address: string): Promise<LogHead> {
    const owner = await this.mailboxes.ownerOf(address);
    await this.inbox.renewEpoch(owner);
    return this.inbox.head(owner);
  }
}
