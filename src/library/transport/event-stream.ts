import { isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { withOthers, type Clock, type Timer } from '../broker/clock.js';
import { cursorOf } from '../broker/cursor.js';
import { EVENT_TYPE, type Message } from '../broker/message.js';
import type { Owner, Subscriber } from '../broker/subscriber.js';
import type { Limits } from '../limits.js';
import type { Share } from '../session/share.js';
import type { Connection } from './connections.js';
import { markStreaming } from './streaming.js';
import { Outbox, type OutboxLimits, type Sink } from './outbox.js';

/** One event of a stream, by the names of the HTML standard. */
export interface ServerSentEvent {
  /** Where a reconnecting client goes on (`Last-Event-ID`). Without it the client keeps the last one. */
  readonly id?: string;
  /** `message` where it is absent. */
  readonly event?: string;
  readonly data: string;
}

/** The headers of an answer that is an event stream. */
export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // nginx collects answers otherwise, and a stream arrives when it ends.
  'X-Accel-Buffering': 'no',
} as const;

/** How an event stream is bounded and kept alive. */
export interface EventStreamOptions {
  readonly limits: OutboxLimits & Pick<Limits, 'sseHeartbeatMs' | 'sseRetryMs' | 'closeMs'>;
  readonly clock: Clock;
  /** Of the user who reads: what waits counts as theirs. */
  readonly share?: Share;
  /** Whose it is; what is sent to its id alone reaches it. */
  readonly owner?: Owner;
  /** Names the event of a message; by default its `event-type`. */
  readonly eventOf?: (message: Message) => string | undefined;
}

/**
 * Server-Sent Events on one response, as a subscriber: bounded like every other connection. It writes the head of
 * the response and `retry:` when it is made; what is subscribed to, and when it ends, is its owner's business.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream implements Subscriber, Sink, Connection {
  readonly isStream = true;
  /** As an event `gap`: a page that doesn't know it hears nothing. */
  readonly hearsGaps = true;
  /** Resolves when the client has left, was given up as too slow, or has been ended. */
  readonly closed: Promise<void>;
  readonly #outbox: Outbox;
  #beat: Timer | undefined;
  #cutTimer: Timer | undefined;
  #isEnding = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: EventStreamOptions,
  ) {
    this.#outbox = new Outbox(this, options);
    if (options.share) this.#outbox.countTo(options.share);
    this.closed = new Promise((resolve) => {
      response.once('close', () => {
        this.#gone();
        resolve();
      });
    });
    response.on('drain', () => this.#outbox.flush());
    // What went wrong shows in the 'close' that follows.
    response.on('error', () => undefined);
    markStreaming(response);
    response.writeHead(200, eventStreamHeaders);
    this.#push(this.#retry());
    this.#keepBeating();
  }

  get owner(): Owner | undefined {
    return this.options.owner;
  }

  get sessionId(): string | undefined {
    return this.options.owner?.id;
  }

  /** What it streamed was ended. */
  ended(): void {
    this.end();
  }

  event({ id, event, data }: ServerSentEvent): void {
    // The spec's parser ends lines at CR, LF or CRLF.
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    this.#push(`${field('id', id)}${field('event', event)}${lines.join('')}\n`);
  }

  /** A line that clients don't see: without an empty one behind it, which some take for the end of an empty event. */
  comment(text: string): void {
    this.#push(`: ${text.replace(/[\r\n]+/g, ' ')}\n`);
  }

  deliver(message: Message): void {
    const { eventOf = defaultEventOf } = this.options;
    const { position } = message;
    const event = eventOf(message);
    this.event({
      ...(position && { id: cursorOf(position) }),
      ...(event !== undefined && { event }),
      data: textOf(message),
    });
  }

  hasCapacity(): boolean {
    return this.#outbox.hasCapacity();
  }

  onCapacity(callback: () => void): void {
    this.#outbox.onCapacity(callback);
  }

  /** Ends it after a `retry:`, so that its client comes back, by then to another node. Idempotent. */
  end(): void {
    if (this.#isEnding) return;
    this.#push(this.#retry());
    this.#isEnding = true;
    this.#beat?.cancel();
    this.#cutTimer = this.options.clock.after(this.options.limits.closeMs, () => this.cut());
    this.#outbox.end(() => this.response.end());
  }

  cut(): void {
    this.response.destroy();
  }

  take(frames: readonly Uint8Array[]): number {
    if (this.response.writableNeedDrain) return 0;
    this.response.write(frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames));
    return frames.length;
  }

  unsentBytes(): number {
    return this.response.writableLength;
  }

  /** A client that doesn't read is cut; it comes back with its cursor and has missed nothing of a log. */
  overflowed(): void {
    this.cut();
  }

  #push(text: string): void {
    this.#outbox.push(Buffer.from(text));
  }

  /** The first line of the next event, if one comes: alone with an empty line it would be an empty event to some clients. */
  #retry(): string {
    return `retry: ${this.options.limits.sseRetryMs}\n`;
  }

  #keepBeating(): void {
    const { clock, limits } = this.options;
    const { sseHeartbeatMs } = limits;
    this.#beat = clock.after(withOthers(clock, sseHeartbeatMs, sseHeartbeatMs, 'sooner'), () => {
      // A reader who hasn't taken the last bytes needs no more of them.
      if (this.#outbox.waitingBytes === 0) this.comment('hb');
      this.#keepBeating();
    });
  }

  #gone(): void {
    this.#isEnding = true;
    this.#beat?.cancel();
    this.#cutTimer?.cancel();
    this.#outbox.close();
  }
}

/**
 * A stream of events is UTF-8, and what isn't would arrive as something else. It comes as a URL that says what it is
 * (RFC 2397), which `fetch()` reads: `data:image/png;base64,…`.
 */
function textOf({ body, headers }: Message): string {
  if (isUtf8(body)) return Buffer.from(body).toString();
  const named = headers.get('content-type') ?? '';
  const contentType = mediaType.test(named) ? named : 'application/octet-stream';
  return `data:${contentType};base64,${Buffer.from(body).toString('base64')}`;
}

/** RFC 6838, 4.2, without parameters: whatever else stood there would need quoting. */
const mediaType = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

/** A value with a line end would forge fields, and a client ignores an id with NUL: such a field is left out. */
function field(name: string, value: string | undefined): string {
  return value === undefined || /[\0\r\n]/.test(value) ? '' : `${name}: ${value}\n`;
}

function defaultEventOf(message: Message): string | undefined {
  return message.headers.get(EVENT_TYPE);
}
