export interface WakeEvents {
  /** The machine, the tab or the network came back: don't sit out a backoff. */
  onWake(): void;
  /** The browser lost its network. */
  onOffline(): void;
  /** The page goes away, perhaps into the back/forward cache, which an open WebSocket would forbid. */
  onHide(): void;
}

/** Listens to the browser until the returned function is called. */
export function watchWake(events: WakeEvents): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  addEventListener('online', () => events.onWake(), { signal });
  addEventListener('pageshow', () => events.onWake(), { signal });
  addEventListener('pagehide', () => events.onHide(), { signal });
  addEventListener('offline', () => events.onOffline(), { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') events.onWake();
    },
    { signal },
  );
  return () => leave.abort();
}
