import { createStore, type Readable } from '../state/store.js';
import { backoffMs } from './backoff.js';
import type { Clock, Timer } from './clock.js';
import { nextStep, type Ending } from './ending.js';
import type { Online } from './online.js';
import { answersHttp, socketFactory } from './sockets.js';
import type { Role, Status, Transport } from './status.js';
import { StompLink } from './stomp-link.js';
import { TransportChoice, type Memory } from './transport-choice.js';

/** What a connection needs, and whom it tells of its links. */
export interface ConnectionOptions {
  readonly url: string;
  /** May reject: that is one failed attempt. Undefined: nobody is signed in any more. */
  readonly token: (ask: { rejected: boolean }) => Promise<string | undefined>;
  readonly onUnauthorized: (code: string) => void;
  readonly storage: Memory | undefined;
  readonly clock: Clock;
  readonly online: Pick<Online, 'isOnline'>;
  readonly role: Role;
  readonly onOpen: (link: StompLink) => void;
  /** The link that was open is gone. */
  readonly onClose: () => void;
}

/** Live for this long before the count of failures starts anew: a server that accepts and drops is still failing. */
const settledMs = 10_000;
/** A server that drains closes everybody: spread the return. */
const drainSpreadMs = 3_000;

/** Keeps one connection to the server open, whatever happens to it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #choice: TransportChoice;
  readonly #status = createStore<Status>({ state: 'idle' });
  #link: StompLink | undefined;
  /** Numbers the attempts: an answer to an older one is nobody's. */
  #round = 0;
  #failures = 0;
  #tokenRejected = false;
  #downSince: number;
  #timer: Timer | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#downSince = this.#clock.monotonic();
    this.#choice = new TransportChoice(
      options.storage,
      () => this.#clock.monotonic(),
      () => answersHttp(options.url),
    );
    void this.#connect();
  }

  get status(): Readable<Status> {
    return this.#status;
  }

  stop(): void {
    this.#drop();
    this.#status.set({ state: 'idle' });
  }

  /** Resolves with the server's RECEIPT. Rejects while there is no connection. */
  async send(destination: string, body: unknown): Promise<void> {
    if (!this.#link || !this.#isLive()) throw new Error('There is no connection.');
    await this.#link.send(destination, body);
  }

  reconnectNow(): void {
    if (this.#isLive()) return;
    this.#drop();
    void this.#connect();
  }

  /** The machine, the tab or the network came back. */
  wake(): void {
    // A socket that was frozen with its machine looks open. Heart-beats that didn't come say otherwise.
    if (this.#isLive() && this.#link?.isSilent() === true) this.#lost('heartbeat_timeout');
    const { state } = this.#status.get();
    if (state === 'waiting' || state === 'offline') this.reconnectNow();
  }

  goOffline(): void {
    if (this.#status.get().state !== 'stopped') this.#lost('offline');
  }

  async #connect(): Promise<void> {
    const round = ++this.#round;
    this.#status.set({ state: 'connecting', attempt: this.#failures + 1, downSince: this.#downSince });

    let token: string | undefined;
    let openSocket;
    try {
      token = await this.#options.token({ rejected: this.#tokenRejected });
      openSocket = await socketFactory(this.#choice.family, this.#options.url);
    } catch {
      // No token or no code to be had: the same to us as no connection.
      if (round === this.#round) this.#retry('network', undefined);
      return;
    }
    if (round !== this.#round) return;
    if (token === undefined) return this.#stopFor('auth_expired');

    this.#link = new StompLink(openSocket, token, this.#clock, {
      onConnected: (transport) => {
        if (round === this.#round) this.#connected(transport);
      },
      onEnded: (ending) => {
        if (round === this.#round) void this.#ended(ending);
      },
    });
  }

  #connected(transport: Transport): void {
    this.#choice.connected();
    this.#tokenRejected = false;
    const { role, onOpen } = this.#options;
    this.#status.set({ state: 'live', transport, role, since: this.#clock.monotonic() });
    if (this.#link && this.#isLive()) onOpen(this.#link);
  }

  async #ended(ending: Ending): Promise<void> {
    const round = this.#round;
    this.#noteDown();
    await this.#choice.ended(ending);
    if (round !== this.#round) return;

    const { next, code } = nextStep(ending);
    if (next === 'stop') return this.#stopFor(code);
    if (next === 'renew') {
      // Once: a new token that is refused as well won't get better.
      if (this.#tokenRejected) return this.#stopFor(code);
      this.#tokenRejected = true;
      // At once: the server is well. Not for one that takes tokens and refuses them soon after, again and again.
      if (!ending.wasConnected || this.#failures === 0) {
        this.#failures++;
        void this.#connect();
        return;
      }
    }
    this.#retry(code, ending.error?.retryAfterMs);
  }

  #retry(cause: string, retryAfterMs: number | undefined): void {
    this.#link = undefined;
    this.#failures++;
    const spread = cause === 'server_drain' ? drainSpreadMs : 0;
    const delayMs = retryAfterMs ?? backoffMs(this.#failures, Math.random()) + spread * Math.random();
    const waiting = {
      attempt: this.#failures,
      nextAttemptAt: this.#clock.monotonic() + delayMs,
      downSince: this.#downSince,
    };
    this.#status.set(
      this.#options.online.isOnline()
        ? { state: 'waiting', cause, ...waiting }
        : { state: 'offline', ...waiting },
    );
    this.#timer = this.#clock.after(delayMs, () => void this.#connect());
  }

  #stopFor(code: string): void {
    this.#drop();
    this.#status.set({ state: 'stopped', code, downSince: this.#downSince });
    if (code.startsWith('auth_')) this.#options.onUnauthorized(code);
  }

  #lost(cause: string): void {
    this.#drop();
    this.#retry(cause, undefined);
  }

  /** Lets go of the link, of a planned attempt and of an attempt under way. */
  #drop(): void {
    this.#round++;
    this.#timer?.cancel();
    this.#noteDown();
    this.#link?.close();
    this.#link = undefined;
  }

  #noteDown(): void {
    const status = this.#status.get();
    if (status.state !== 'live') return;
    this.#options.onClose();
    this.#downSince = this.#clock.monotonic();
    if (this.#downSince - status.since >= settledMs) this.#failures = 0;
  }

  #isLive(): boolean {
    return this.#status.get().state === 'live';
  }
}
