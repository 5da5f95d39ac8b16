/** `carillon/client/react`: `Realtime` and `Inbox` in components. */
export {
  RealtimeProvider,
  useEvent,
  useRealtime,
  useRealtimeStatus,
  type EventHandlers,
} from '../react/hooks.js';
export { useInbox, type InboxActs, type InboxView } from '../react/use-inbox.js';
