import { z } from 'zod';

/** A cursor in a request or an answer. */
export const cursor = z
  .string()
  .max(64)
  .describe(
    'Opaque: a position in one log (an inbox, a conversation, the announcements), good on every transport',
  );
