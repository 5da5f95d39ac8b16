import type { PerMessageDeflateOptions } from 'ws';

/**
 * permessage-deflate (RFC 7692) as it is agreed on, where it is asked for. No context is kept from message to message, and
 * the window is small: what a connection holds then is a tenth of what zlib takes by default. What comes is inflated up to
 * the limit of a message, and no further.
 */
export const deflate = {
  /** Bytes: shorter messages go as they are. */
  threshold: 1_024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 12,
  zlibDeflateOptions: { level: 3, memLevel: 5 },
  /** Messages at once, of all connections. */
  concurrencyLimit: 10,
} as const satisfies PerMessageDeflateOptions;
