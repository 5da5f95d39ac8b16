/** `carillon/client/inbox`: a user's inbox in a browser, kept current over `Realtime`, and known without a network too. */
export {
  inboxByRest,
  type Ask,
  type Filter,
  type InboxApi,
  type InboxCounts,
  type InboxItem,
  type InboxNews,
  type InboxPage,
  type Marks,
  type PageQuery,
} from '../inbox/inbox-api.js';
export type { Extent, InboxList } from '../inbox/inbox-list.js';
export { Inbox, type InboxEvents, type InboxOptions, type InboxState } from '../inbox/inbox.js';
export { indexedDbStores } from '../offline/indexed-db.js';
export type { OfflineStore, OfflineStores } from '../offline/offline-store.js';
export type { Clock, Timer } from '../realtime/clock.js';
export type { Readable } from '../state/store.js';
