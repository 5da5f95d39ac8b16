/** How a connection ended. */
export interface Ending {
  /** CONNECTED had come: the transport works, whatever went wrong later. */
  readonly wasConnected: boolean;
  readonly timedOut: boolean;
  /** The WebSocket close code; SockJS hands on the same. */
  readonly closeCode: number;
  /** What the ERROR frame before the close said, if there was one. */
  readonly error?: { readonly code: string; readonly retryable: boolean; readonly retryAfterMs?: number };
}

/** `renew`: again, with a new token. `stop`: never by itself. */
export type NextStep = { readonly next: 'retry' | 'renew' | 'stop'; readonly code: string };

/** What to do now. The ERROR frame knows best; without one the close code has to do. */
export function nextStep(ending: Ending): NextStep {
  if (ending.error) {
    const { code, retryable } = ending.error;
    if (!retryable) return { next: 'stop', code };
    return { next: code.startsWith('auth_') ? 'renew' : 'retry', code };
  }
  return closeCodes[ending.closeCode] ?? { next: 'retry', code: ending.timedOut ? 'timeout' : 'network' };
}

const closeCodes: Readonly<Record<number, NextStep>> = {
  1001: { next: 'retry', code: 'server_drain' },
  1009: { next: 'stop', code: 'frame_too_large' },
  1013: { next: 'retry', code: 'unavailable' },
  4400: { next: 'stop', code: 'malformed_frame' },
  4401: { next: 'renew', code: 'auth_expired' },
  4403: { next: 'stop', code: 'forbidden' },
  4404: { next: 'stop', code: 'unknown_destination' },
  4408: { next: 'retry', code: 'slow_consumer' },
};
