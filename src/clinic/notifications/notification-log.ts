import { LRUCache } from 'lru-cache';
import { Refusal } from '../errors.js';
import type { Inbox } from '../../library/inbox/inbox.js';
import { InboxLog } from '../../library/inbox/inbox-log.js';
import type { Limits } from '../limits.js';
import type { UsersService } from '../users/users.service.js';
import { encodePayload } from '../../library/nest/payload.js';
import { headersOf, notificationOf } from './notification.js';

/** Each user's `/user/queue/notifications` has the inbox as its log; no other address has one. */
export function notificationLog(
  inbox: Inbox,
  users: UsersService,
  limits: Pick<Limits, 'recipients' | 'recipientsMs'>,
): (address: string) => InboxLog | undefined {
  // Asking again would be a question more for each read and each acknowledgement. An address that was somebody's is nobody
  // else's for longer than it is known.
  const known = new LRUCache<string, number>({ max: limits.recipients, ttl: limits.recipientsMs });
  const log = new InboxLog(inbox, {
    ownerOf: async (address) => {
      const id = known.get(address) ?? (await users.findByEmail(nameIn(address) ?? ''))?.id;
      if (id !== undefined) {
        known.set(address, id);
        return id;
      }
      throw new Refusal('not_found', 'There is no such user.');
    },
    ownersOf: async (addresses) => {
      const emails = new Map(addresses.map((address) => [address, (nameIn(address) ?? '').toLowerCase()]));
      const ids = await users.idsOf([...new Set(emails.values())]);
      const owners = new Map<string, number>();
      for (const [address, email] of emails) {
        const id = ids.get(email);
        if (id !== undefined) owners.set(address, id);
      }
      return owners;
    },
    messageOf: (entry) => {
      const notification = notificationOf(entry);
      const { contentType, body } = encodePayload(notification);
      return {
        headers: new Map([['content-type', contentType], ...Object.entries(headersOf(notification))]),
        body,
      };
    },
  });
  return (address) => (nameIn(address) === undefined ? undefined : log);
}

function nameIn(address: string): string | undefined {
  const name = /^\/user\/([^/]+)\/queue\/notifications$/.exec(address)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}
