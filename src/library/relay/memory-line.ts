import type { Limits } from '../limits.js';
import type { Line, LineEvents } from './line.js';

/** The engine of lines in one process. A test may break it in the ways in which an engine breaks. */
export class MemoryHub {
  readonly #lines = new Set<MemoryLine>();
  #isRunning = true;

  get isRunning(): boolean {
    return this.#isRunning;
  }

  line(limits: Pick<Limits, 'relayOutboxBytes'>, largest = 4 * 1024 * 1024): MemoryLine {
    const line = new MemoryLine(this, limits, largest);
    this.#lines.add(line);
    return line;
  }

  /** Ends: every line is away until `start`. */
  stop(): void {
    this.#isRunning = false;
    for (const line of this.#lines) line.cut();
  }

  start(): void {
    this.#isRunning = true;
    for (const line of this.#lines) line.mend();
  }

  /** What a line sent reaches all that listen now. */
  take(channel: string, payload: Uint8Array): void {
    for (const line of this.#lines) line.arrive(channel, payload);
  }

  leave(line: MemoryLine): void {
    this.#lines.delete(line);
  }
}

/** A line to the other lines of a hub. Payloads arrive in a microtask, as nothing that was sent is heard inside of `send`. */
export class MemoryLine implements Line {
  readonly #channels = new Set<string>();
  readonly #held: (() => void)[] = [];
  readonly #waiting: { channel: string; payload: Uint8Array }[] = [];
  readonly #drained: (() => void)[] = [];
  #events: LineEvents | undefined;
  #isUp = false;
  #holds = false;
  #stalls = false;
  #toLose = 0;
  #unsentBytes = 0;

  constructor(
    private readonly hub: MemoryHub,
    private readonly limits: Pick<Limits, 'relayOutboxBytes'>,
    readonly largest: number,
  ) {}

  async open(events: LineEvents): Promise<void> {
    this.#events = events;
    if (this.hub.isRunning) this.mend();
    else events.away(new Error('the engine is not running'));
  }

  async listen(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#channels.add(channel);
  }

  unlisten(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.delete(channel);
  }

  send(channel: string, payload: Uint8Array): boolean {
    if (!this.#isUp || payload.length > this.largest) return false;
    if (this.#unsentBytes > 0 && this.#unsentBytes + payload.length > this.limits.relayOutboxBytes)
      return false;
    if (this.#stalls) {
      this.#waiting.push({ channel, payload });
      this.#unsentBytes += payload.length;
    } else this.hub.take(channel, payload);
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
    this.flow();
    this.#isUp = false;
    this.#events = undefined;
    this.hub.leave(this);
  }

  /** Is away until `mend`: hears nothing, and what it sends and what waits is lost. */
  cut(cause = new Error('the line was cut')): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#held.length = 0;
    this.#forgetWaiting();
    this.#events?.away(cause);
  }

  mend(): void {
    if (this.#isUp || !this.#events || !this.hub.isRunning) return;
    this.#isUp = true;
    this.#events.up();
  }

  /** Loses the next payloads that it would hear, without a word. */
  lose(count: number): void {
    this.#toLose += count;
  }

  /** Hears nothing until `release`, which makes up for it. */
  hold(): void {
    this.#holds = true;
  }

  release(): void {
    this.#holds = false;
    for (const hear of this.#held.splice(0)) hear();
  }

  /** Sends nothing until `flow`: what is sent waits, as before an engine that doesn't read. */
  stall(): void {
    this.#stalls = true;
  }

  flow(): void {
    this.#stalls = false;
    for (const { channel, payload } of this.#waiting.splice(0)) this.hub.take(channel, payload);
    this.#forgetWaiting();
  }

  /** From the hub. */
  arrive(channel: string, payload: Uint8Array): void {
    if (!this.#isUp || !this.#channels.has(channel)) return;
    if (this.#toLose > 0) {
      this.#toLose -= 1;
      return;
    }
    if (this.#holds) this.#held.push(() => this.#hear(channel, payload));
    else queueMicrotask(() => this.#hear(channel, payload));
  }

  #hear(channel: string, payload: Uint8Array): void {
    if (!this.#isUp) return;
    try {
      this.#events?.heard(channel, payload);
    } catch {
      // As LineEvents says: whoever throws has told of it, and the line goes on.
    }
  }

  #forgetWaiting(): void {
    this.#waiting.length = 0;
    this.#unsentBytes = 0;
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#unsentBytes >= this.limits.relayOutboxBytes / 4) return;
    for (const callback of this.#drained.splice(0)) callback();
  }
}
