import { Decoder } from '../stomp/decoder.js';
import { encode } from '../stomp/encoder.js';
import type { Frame } from '../stomp/frame.js';
import type { Version } from '../stomp/version.js';
import { limits } from '../limits.js';
import type { Wire } from '../session/ports.js';
import type { OpenSession, Session } from '../session/session.js';

/** A STOMP client that speaks to a session without sockets: bytes in, bytes out, within the process. */
export class MemoryClient implements Wire {
  readonly transport = 'memory';
  readonly isTextOnly: boolean = false;
  readonly silenceMarginMs = 0;
  readonly session: Session;
  readonly frames: Frame[] = [];
  beats = 0;
  probes = 0;
  isPaused = false;
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** As `Wire#hasCapacity`; set to false to be a reader that doesn't read. */
  isReading = true;
  readonly #decoder = new Decoder({ ...limits, bodyBytes: Infinity });
  readonly #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];
  #onCapacity: (() => void)[] = [];

  constructor(open: OpenSession, remoteAddress = '127.0.0.1') {
    this.session = open(this, remoteAddress);
  }

  /** Sends one frame. @param headers as `name:value` pairs would be written, unescaped */
  frame(command: string, headers: Readonly<Record<string, string>> = {}, body = ''): this {
    const version = this.#decoder.version ?? '1.2';
    return this.bytes(
      encode({ command, headers: Object.entries(headers), body: Buffer.from(body) }, version),
    );
  }

  bytes(bytes: Uint8Array | string): this {
    this.session.receive(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    return this;
  }

  /** CONNECTs and waits for the answer, whatever it is. */
  async connect(headers: Readonly<Record<string, string>>, version: Version = '1.2'): Promise<Frame> {
    this.frame('CONNECT', { 'accept-version': version, ...headers });
    return this.next();
  }

  /** Takes the oldest frame that wasn't taken yet, or waits for it. */
  async next(): Promise<Frame> {
    await this.#until(() => this.frames.length > 0 || this.closed !== undefined);
    const frame = this.frames.shift();
    if (frame) return frame;
    throw new Error(`The session closed with ${this.closed?.code} and sent no further frame`);
  }

  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    await this.#until(() => this.closed !== undefined);
    if (!this.closed) throw new Error('unreachable');
    return this.closed;
  }

  /** Callbacks of subscribers that wait for capacity. */
  get callbacks(): number {
    return this.#onCapacity.length;
  }

  readAgain(): void {
    this.isReading = true;
    const waiting = this.#onCapacity;
    this.#onCapacity = [];
    waiting.forEach((callback) => callback());
  }

  send(bytes: Uint8Array): void {
    if (this.closed) throw new Error('A session wrote after its close');
    if (bytes.length === 1) this.beats++;
    this.#decoder.push(bytes);
    for (let frame = this.#decoder.next(); frame; frame = this.#decoder.next()) {
      if (frame.command === 'CONNECTED') this.#decoder.version = frame.headers.get('version') as Version;
      this.frames.push(frame);
    }
    this.#wake();
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.#wake();
  }

  hasCapacity(): boolean {
    return this.isReading;
  }

  onCapacity(callback: () => void): void {
    this.#onCapacity.push(callback);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  probe(): boolean {
    this.probes++;
    return true;
  }

  async #until(isMet: () => boolean): Promise<void> {
    if (!isMet()) await new Promise<void>((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  #wake(): void {
    for (const waiter of [...this.#waiting]) {
      if (!waiter.isMet()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}
