import { z } from 'zod';
import { userAddress } from '../../library/broker/address.js';
import type { Broker } from '../../library/broker/broker.js';
import type { NodeMessages } from '../../library/broker/node-messages.js';
import { INBOX_DESTINATION, type InboxNews, type ToldNews } from './inbox-news.js';

const SUBJECT = 'inbox.news';

const state = z.enum(['seen', 'unseen', 'read', 'unread', 'archived', 'unarchived', 'delivered']);
/** Of a node of this version; what another one tells may be something else, and is passed over. */
const toldNews: z.ZodType<ToldNews> = z.object({
  id: z.int(),
  name: z.string(),
  changes: z.array(
    z.union([
      z.object({ state, ids: z.array(z.int()) }),
      z.object({ state, upTo: z.string(), filter: z.enum(['all', 'unread', 'archived']).optional() }),
      z.object({ reload: z.literal(true).optional() }),
    ]),
  ),
});

/** Nodes tell each other of which inboxes there is news; each counts for those who listen there. */
export function shareInboxNews(
  news: Pick<InboxNews, 'onTold' | 'toldElsewhere'>,
  broker: Pick<Broker, 'hears'>,
  messages: Pick<NodeMessages, 'tell' | 'listen'>,
): void {
  news.onTold((told) => messages.tell(SUBJECT, told));
  messages.listen(SUBJECT, (content) => {
    const { data } = toldNews.safeParse(content);
    if (data && broker.hears(userAddress(data.name, INBOX_DESTINATION))) news.toldElsewhere(data);
  });
}
