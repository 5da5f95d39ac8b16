/** `carillon/client/react`: `Realtime` in components. */
export {
  RealtimeProvider,
  useEvent,
  useRealtime,
  useRealtimeStatus,
  type EventHandlers,
} from '../react/hooks.js';
