import { createContext, createElement, use, useEffect, useRef, useSyncExternalStore } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { Message } from '../realtime/link.js';
import type { Realtime } from '../realtime/realtime.js';
import type { Status } from '../realtime/status.js';

const RealtimeContext = createContext<Realtime | undefined>(undefined);

/** Gives a `Realtime` to all that is below. It was made, and is started and stopped, outside of React. */
export function RealtimeProvider({
  client,
  children,
}: {
  readonly client: Realtime;
  readonly children?: ReactNode;
}): ReactElement {
  return createElement(RealtimeContext, { value: client }, children);
}

/** @throws {Error} outside of a `RealtimeProvider` */
export function useRealtime(): Realtime {
  const client = use(RealtimeContext);
  if (!client) throw new Error('There is no RealtimeProvider around this component.');
  return client;
}

/** How the connection is; on a server, where nothing is connected, `idle`. */
export function useRealtimeStatus(): Status {
  const { status } = useRealtime();
  return useSyncExternalStore(status.subscribe, status.get, idle);
}

/** What a component hears at a destination. */
export interface EventHandlers {
  onMessage(message: Message): void;
  /** The server has the subscription, at first or again: load what may have been missed where there is no `since`. */
  onReady?(): void;
  /** The cursor to go on from. */
  since?(): string | undefined;
}

/** Hears a destination while the component is there. The newest handlers are called; a render doesn't subscribe anew. */
export function useEvent(destination: string, handlers: EventHandlers): void {
  const client = useRealtime();
  const newest = useRef(handlers);
  useEffect(() => {
    newest.current = handlers;
  });
  useEffect(
    () =>
      client.subscribe({
        destination,
        onMessage: (message) => newest.current.onMessage(message),
        onReady: () => newest.current.onReady?.(),
        since: () => newest.current.since?.(),
      }),
    [client, destination],
  );
}

const idleStatus: Status = { state: 'idle' };
const idle = () => idleStatus;
