import { readEvents } from './event-stream.js';
import type { Link, Message, Wanted } from './link.js';
import { endOfMissed, hasHad, positionOf, type Position } from './position.js';

/** Where streams are, and as whom they are opened. */
export interface StreamLinkOptions {
  /** Where a destination is heard as Server-Sent Events; undefined: nowhere. */
  readonly streamOf: (destination: string) => string | undefined;
  readonly token: string;
  readonly signal: AbortSignal;
  /** The first of the streams has come through. */
  readonly onOpen: () => void;
}

/** Subscriptions as Server-Sent Events, one stream for each, where nothing else gets through. It can't send. */
export class StreamLink implements Link {
  readonly #options: StreamLinkOptions;
  #end: () => void = () => undefined;
  /** Resolves when one of the streams has ended, or could not be had. */
  readonly ended = new Promise<void>((resolve) => (this.#end = resolve));

  constructor(options: StreamLinkOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#end());
  }

  subscribe(wanted: Wanted, onMessage: (message: Message) => void, onReady: () => void): () => void {
    const url = this.#options.streamOf(wanted.destination);
    if (url === undefined) return () => undefined;
    const leave = new AbortController();
    const abort = () => leave.abort();
    this.#options.signal.addEventListener('abort', abort, { signal: leave.signal });
    void this.#read(url, wanted.since, leave.signal, onMessage, onReady).finally(() => {
      // What was unsubscribed has ended by itself.
      if (!leave.signal.aborted) this.#end();
    });
    return abort;
  }

  async #read(
    url: string,
    since: string | undefined,
    signal: AbortSignal,
    onMessage: (message: Message) => void,
    onReady: () => void,
  ): Promise<void> {
    try {
      const { body, ok } = await fetch(url, {
        headers: {
          Accept: 'text/event-stream',
          Authorization: `Bearer ${this.#options.token}`,
          ...(since !== undefined && { 'Last-Event-ID': since }),
        },
        signal,
      });
      if (!ok || !body) return;
      let missedUpTo: Position | undefined;
      await readEvents(body, (name, data, cursor) => {
        if (name === 'connected') {
          this.#options.onOpen();
          return onReady();
        }
        const parsed = parse(data);
        if (name === 'resume') missedUpTo = endOfMissed(parsed);
        // On the stream itself nothing says of a row that it was missed.
        const replayed = hasHad(missedUpTo, positionOf(cursor));
        onMessage({ body: parsed, eventType: name, cursor, replayed });
      });
    } catch {
      // Cut, or blocked as well: who opened it looks again after a while.
    }
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}
