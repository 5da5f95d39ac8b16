import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../broker/clock.js';
import { markStreaming } from './streaming.js';

/** How often answers are looked at, while there are some. */
const LOOK_MS = 1_000;

/** Answers that haven't left yet. One that its client doesn't read is cut, with all that was opened for it. */
export class OpenAnswers {
  readonly #open = new Set<ServerResponse>();
  readonly #watched = new WeakSet<ServerResponse>();
  #looking: Timer | undefined;

  /** @param stallMs how long a client may read nothing of its answer */
  constructor(
    private readonly clock: Clock,
    private readonly stallMs: number,
  ) {}

  add(response: ServerResponse): void {
    this.#open.add(response);
    if (!this.#looking) this.#looking = this.clock.after(LOOK_MS, this.#look);
  }

  delete(response: ServerResponse): void {
    this.#open.delete(response);
  }

  readonly #look = (): void => {
    for (const response of this.#open) {
      if (isEventStream(response)) markStreaming(response);
      else if (isUnread(response)) this.#watch(response);
    }
    this.#looking = this.#open.size > 0 ? this.clock.after(LOOK_MS, this.#look) : undefined;
  };

  /** The socket's timeout begins anew with each piece that the client's kernel takes. */
  #watch(response: ServerResponse): void {
    if (this.#watched.has(response)) return;
    this.#watched.add(response);
    response.setTimeout(this.stallMs, () => {
      if (isUnread(response)) response.destroy();
    });
  }
}

function isUnread({ socket }: ServerResponse): boolean {
  return (socket?.writableLength ?? 0) > 0;
}

/** Of whatever application: it stays open, and nobody waits for its end. */
function isEventStream(response: ServerResponse): boolean {
  const type = response.headersSent ? response.getHeader('content-type') : undefined;
  return typeof type === 'string' && type.startsWith('text/event-stream');
}
