import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import { markStreaming } from './streaming.js';

/** How often answers are looked at, while there are some. */
const LOOK_MS = 1_000;

/**
 * Answers that haven't left yet. One that its client doesn't read is cut, with all that was opened for it. One that takes
 * long gives its place to others: it waits for something, as long polls of whatever application do.
 */
export class OpenAnswers {
  readonly #open = new Map<ServerResponse, Place>();
  readonly #watched = new WeakSet<ServerResponse>();
  #looking: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'answerStallMs' | 'requestPlaceMs'>,
  ) {}

  /** @param release gives its place back, or looks why it can't; called again and again once it has had that for long */
  add(response: ServerResponse, release: () => void): void {
    this.#open.set(response, { since: this.clock.monotonic(), release });
    if (!this.#looking) this.#looking = this.clock.after(LOOK_MS, this.#look);
  }

  delete(response: ServerResponse): void {
    this.#open.delete(response);
  }

  readonly #look = (): void => {
    const now = this.clock.monotonic();
    for (const [response, { since, release }] of this.#open) {
      if (now - since >= this.limits.requestPlaceMs) release();
      if (isEventStream(response)) markStreaming(response);
      else if (isUnread(response)) this.#watch(response);
    }
    this.#looking = this.#open.size > 0 ? this.clock.after(LOOK_MS, this.#look) : undefined;
  };

  /** The socket's timeout begins anew with each piece that the client's kernel takes. */
  #watch(response: ServerResponse): void {
    if (this.#watched.has(response)) return;
    this.#watched.add(response);
    response.setTimeout(this.limits.answerStallMs, () => {
      if (isUnread(response)) response.destroy();
    });
  }
}

interface Place {
  readonly since: number;
  readonly release: () => void;
}

function isUnread({ socket }: ServerResponse): boolean {
  return (socket?.writableLength ?? 0) > 0;
}

/** Of whatever application: it stays open, and nobody waits for its end. */
function isEventStream(response: ServerResponse): boolean {
  const type = response.headersSent ? response.getHeader('content-type') : undefined;
  return typeof type === 'string' && type.startsWith('text/event-stream');
}
