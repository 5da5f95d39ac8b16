/** What is around a connection: whether there is a network, and whether anybody looks. */
export interface Online {
  /** Only a hint: false says that there is surely no network. */
  isOnline(): boolean;
  /** Whether the page is looked at. */
  isVisible(): boolean;
  /** Tells what happens until the returned function is called. */
  watch(events: OnlineEvents): () => void;
}

/** What a page learns of its network, and of being shown. */
export interface OnlineEvents {
  /** The machine, the tab or the network came back: don't sit out a backoff. */
  onWake(): void;
  /** The page is looked at now, or isn't any more. */
  onLook(): void;
  /** The network is gone. */
  onOffline(): void;
  /** The page goes away, perhaps into the back/forward cache, which an open WebSocket would forbid. */
  onHide(): void;
}

/** What the browser says of its network. */
export const browserOnline: Online = {
  isOnline: () => navigator.onLine,
  isVisible: () => document.visibilityState === 'visible',
  watch(events) {
    const leave = new AbortController();
    const { signal } = leave;
    addEventListener('online', () => events.onWake(), { signal });
    addEventListener('pageshow', () => events.onWake(), { signal });
    addEventListener('pagehide', () => events.onHide(), { signal });
    addEventListener('offline', () => events.onOffline(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => {
        events.onLook();
        if (document.visibilityState === 'visible') events.onWake();
      },
      { signal },
    );
    return () => leave.abort();
  },
};
