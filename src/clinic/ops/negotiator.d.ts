declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http';

  /** The published types lack `preferred`: which comes first of those that the client likes as much. */
  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>);
    encoding(
      available: readonly string[],
      options?: { readonly preferred: readonly string[] },
    ): string | undefined;
  }
}
