import { setTimeout as pause } from 'node:timers/promises';
import type { Limits } from '../limits.js';
import type { Line, LineEvents } from './line.js';

/** A connection to an engine: made once, and over for good when it is lost. Whatever rejects here loses it. */
export interface EngineConnection {
  connect(): Promise<void>;
  /** @returns when the engine has confirmed it; listening twice is listening once */
  listen(channels: readonly string[]): Promise<void>;
  unlisten(channels: readonly string[]): Promise<void>;
  /** @returns when the engine, or the socket to it, has taken them and more may follow */
  send(letters: readonly Sent[]): Promise<void>;
  /** @returns when the engine has answered on every way that this connection has to it */
  ask(): Promise<void>;
  /** Says goodbye, after what was sent. */
  end(): Promise<void>;
  /** Leaves no socket, in whatever state the connection is. */
  destroy(): void;
}

/** A payload on its way. */
export interface Sent {
  readonly channel: string;
  readonly payload: Uint8Array;
}

/** What a connection tells. Neither throws. */
export interface ConnectionEvents {
  heard(channel: string, payload: Uint8Array): void;
  lost(cause: unknown): void;
}

/** What an engine's file gives to its line. */
export interface Engine {
  /** For messages: its name and host. No part of it is secret. */
  readonly name: string;
  readonly largest: number;
  connection(events: ConnectionEvents): EngineConnection;
}

/** How long a line waits for its engine, and how much it keeps meanwhile. */
export type LineLimits = Pick<
  Limits,
  'relayStartMs' | 'relayOutboxBytes' | 'relayRetryMs' | 'relayAliveMs' | 'closeMs'
>;

/** A line over an engine's connections, one after the other for ever. Each engine's own file knows no more than one. */
export class EngineLine implements Line {
  readonly #channels = new Set<string>();
  readonly #closing = new AbortController();
  readonly #drained: (() => void)[] = [];
  #outbox: Sent[] = [];
  #unsentBytes = 0;
  #current: Current | undefined;
  #isUp = false;
  #flushed: Promise<void> | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly engine: Engine,
    private readonly limits: LineLimits,
  ) {}

  get largest(): number {
    return this.engine.largest;
  }

  async open(events: LineEvents): Promise<void> {
    const started = new Promise<void>((resolve) => {
      this.#ended = this.#run(events, resolve);
    });
    await within(this.limits.relayStartMs, [started, this.#ended]).catch(() => undefined);
  }

  async listen(channels: readonly string[]): Promise<void> {
    for (const channel of channels) {
      if (!isChannel(channel)) throw new Error(`${JSON.stringify(channel)} is no name of a channel`);
      this.#channels.add(channel);
    }
    const current = this.#current;
    if (!current || channels.length === 0) return;
    await Promise.race([
      this.#whenConnected(current, () => current.connection.listen(channels)),
      current.over,
    ]);
  }

  unlisten(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.delete(channel);
    const current = this.#current;
    if (!current || channels.length === 0) return;
    void this.#whenConnected(current, () => current.connection.unlisten(channels));
  }

  /** Asked for while it is being made, a connection isn't lost for that. */
  async #whenConnected({ connected, lose }: Current, work: () => Promise<void>): Promise<void> {
    try {
      await connected;
      await work();
    } catch (error) {
      lose(error);
    }
  }

  send(channel: string, payload: Uint8Array): boolean {
    if (!this.#isUp || payload.length > this.largest) return false;
    const size = sizeOf({ channel, payload });
    // One in any case.
    if (this.#unsentBytes > 0 && this.#unsentBytes + size > this.limits.relayOutboxBytes) return false;
    this.#unsentBytes += size;
    this.#outbox.push({ channel, payload });
    // What is sent in one go leaves together.
    this.#flushed ??= Promise.resolve().then(() => this.#flush());
    return true;
  }

  unsentBytes(): number {
    return this.#unsentBytes;
  }

  onDrain(callback: () => void): void {
    this.#drained.push(callback);
    this.#tellDrained();
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      await within(this.limits.closeMs, [this.#flushed]).catch(() => undefined);
      this.#closing.abort();
      this.#isUp = false;
      this.#channels.clear();
      const current = this.#current;
      if (current) await within(this.limits.closeMs, [current.connection.end()]).catch(() => undefined);
      current?.lose(new Error('closed'));
    }
    await this.#ended;
  }

  async #run(events: LineEvents, started: () => void): Promise<void> {
    const { signal } = this.#closing;
    let isAway = false;
    while (!signal.aborted) {
      const cause = await this.#connected(() => {
        isAway = false;
        tell(() => events.up());
        started();
      }, events);
      if (signal.aborted) return;
      if (!isAway) tell(() => events.away(new Error(`${this.engine.name}: ${messageOf(cause)}`)));
      isAway = true;
      // A random part of it, so that the nodes of an engine that is back don't come at once.
      const ms = this.limits.relayRetryMs * (0.2 + 0.8 * Math.random());
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection, from the attempt to its end. @returns why it ended */
  async #connected(up: () => void, events: LineEvents): Promise<unknown> {
    let lose: (cause: unknown) => void = () => {};
    const lost = new Promise<unknown>((resolve) => {
      lose = resolve;
    });
    const connection = this.engine.connection({
      heard: (channel, payload) => {
        if (this.#channels.has(channel)) tell(() => events.heard(channel, payload));
      },
      lost: lose,
    });
    const { relayAliveMs } = this.limits;
    const over = lost.then(() => undefined);
    const connected = within(relayAliveMs, [connection.connect(), over]);
    const current = { connection, lose, over, connected };
    this.#current = current;
    const isOver = new AbortController();
    this.#live(current, up, isOver.signal).catch(lose);

    const cause = await lost;
    this.#current = undefined;
    this.#isUp = false;
    isOver.abort();
    connection.destroy();
    this.#forgetUnsent();
    return cause;
  }

  /** Rejects when the connection is of no use, or is over. */
  async #live({ connection, connected, over }: Current, up: () => void, isOver: AbortSignal): Promise<void> {
    const { relayAliveMs } = this.limits;
    await connected;
    // The set is read while it grows: what is asked for meanwhile is in it.
    for (const channels of batchesOf(this.#channels))
      await within(relayAliveMs, [connection.listen(channels), over]);
    isOver.throwIfAborted();
    this.#isUp = true;
    up();
    for (;;) {
      // A connection that died without a word looks like one on which nothing is said.
      await pause(relayAliveMs, undefined, { signal: isOver });
      await within(relayAliveMs, [connection.ask(), over]);
    }
  }

  /** One batch is on its way at a time; what comes meanwhile is the next. */
  async #flush(): Promise<void> {
    for (let sent = true; sent && this.#outbox.length > 0;) sent = await this.#sendBatch();
    this.#flushed = undefined;
  }

  /** @returns false: the connection is over, and what waited is forgotten */
  async #sendBatch(): Promise<boolean> {
    const current = this.#current;
    if (!current) return false;
    const batch = this.#outbox.splice(0, BATCH);
    await Promise.race([current.connection.send(batch).catch(current.lose), current.over]);
    if (current !== this.#current) return false;
    for (const letter of batch) this.#unsentBytes -= sizeOf(letter);
    this.#tellDrained();
    return true;
  }

  #forgetUnsent(): void {
    this.#outbox = [];
    this.#unsentBytes = 0;
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#unsentBytes >= this.limits.relayOutboxBytes / 4) return;
    for (const callback of this.#drained.splice(0)) tell(callback);
  }
}

interface Current {
  readonly connection: EngineConnection;
  readonly lose: (cause: unknown) => void;
  /** Rejects where it can't be made. */
  readonly connected: Promise<void>;
  /** Resolves when the connection is lost. */
  readonly over: Promise<void>;
}

/**
 * Bytes of a payload, where the engine has no limit of its own: half of what may wait, so that one can while others do.
 */
export const LARGEST = 4 * 1024 * 1024;

/** Payloads in one step, and channels. */
const BATCH = 512;

function sizeOf({ channel, payload }: Sent): number {
  return channel.length + payload.length;
}

function isChannel(name: string): boolean {
  return /^[A-Za-z0-9.:_-]{1,63}$/.test(name);
}

function* batchesOf(channels: Iterable<string>): Generator<readonly string[]> {
  let batch: string[] = [];
  for (const channel of channels) {
    batch.push(channel);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function tell(told: () => void): void {
  try {
    told();
  } catch {
    // A listener that throws has told of it (LineEvents). Thrown on, it would end the driver's reader, or this process.
  }
}

/** @throws {Error} what the first of `work` to end rejects with, or that none has ended in time */
async function within(ms: number, work: readonly (Promise<void> | undefined)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([...work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Only the sentence: drivers attach commands to their errors, and with them passwords. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
