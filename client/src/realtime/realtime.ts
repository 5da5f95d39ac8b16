import { createStore, type Readable } from '../state/store.js';
import { backoffMs } from './backoff.js';
import { browserClock, type Clock, type Timer } from './clock.js';
import { nextStep, type Ending } from './ending.js';
import { Link, type Message } from './link.js';
import { browserOnline, type Online } from './online.js';
import { answersHttp, socketFactory } from './sockets.js';
import type { Status, Transport } from './status.js';
import { TransportChoice, type Memory } from './transport-choice.js';

/** What an application wants to hear, over all connections. */
export interface Subscription {
  readonly destination: string;
  onMessage(message: Message): void;
  /** The server has the subscription: after the first connect and after every other. */
  onReady?(): void;
  /** Messages may be lost that nobody has any more, and none was before `since`: load anew what they would have told. */
  onGap?(since: string): void;
  /** The last cursor that was handled, to resume from. */
  since?(): string | undefined;
}

/** Where `Realtime` connects to, as whom, and what it takes from the browser. */
export interface RealtimeOptions {
  /** Where SockJS, and plain WebSocket, is; of the page's own server where it is a path. Default `/ws`. */
  readonly url?: string;
  /** May reject: that is one failed attempt. Undefined: nobody is signed in any more. */
  token(ask: { rejected: boolean }): Promise<string | undefined>;
  /** The server doesn't take this user's token, not a new one either. */
  onUnauthorized(code: string): void;
  /** Remembers for an hour that WebSocket is blocked. Default: the page's `localStorage`. */
  readonly storage?: Memory;
  /** Default: the browser's. stompjs keeps heart-beats, and the wait for CONNECTED, by timers of its own. */
  readonly clock?: Clock;
  /** Whether there is a network, and when it comes back. Default: what the browser says and how the page is shown. */
  readonly online?: Online;
}

/** Live for this long before the count of failures starts anew: a server that accepts and drops is still failing. */
const settledMs = 10_000;
/** A server that drains closes everybody: spread the return. */
const drainSpreadMs = 3_000;

/** Keeps one connection to the server open, whatever happens to it, with the same subscriptions on it. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #online: Online;
  readonly #choice: TransportChoice;
  readonly #status = createStore<Status>({ state: 'idle' });
  readonly #lastEventAt = createStore<number | null>(null);
  /** Each with what ends it on the present link. */
  readonly #subscriptions = new Map<Subscription, (() => void) | undefined>();
  #link: Link | undefined;
  /** Numbers the attempts: an answer to an older one is nobody's. */
  #round = 0;
  #failures = 0;
  #tokenRejected = false;
  #downSince: number;
  #timer: Timer | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#url = new URL(options.url ?? '/ws', globalThis.location?.href).href;
    this.#clock = options.clock ?? browserClock;
    this.#online = options.online ?? browserOnline;
    this.#downSince = this.#clock.monotonic();
    this.#choice = new TransportChoice(
      options.storage ?? localStorage,
      () => this.#clock.monotonic(),
      () => answersHttp(this.#url),
    );
  }

  get status(): Readable<Status> {
    return this.#status;
  }

  /** When the last message came, null before the first. */
  get lastEventAt(): Readable<number | null> {
    return this.#lastEventAt;
  }

  start(): void {
    if (this.#unwatch) return;
    this.#unwatch = this.#online.watch({
      onWake: () => this.#wake(),
      onOffline: () => {
        if (this.#status.get().state !== 'stopped') this.#lost('offline');
      },
      onHide: () => {
        this.#drop();
        this.#status.set({ state: 'idle' });
      },
    });
    this.#downSince = this.#clock.monotonic();
    void this.#connect();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#drop();
    this.#status.set({ state: 'idle' });
  }

  /** Holds over every reconnect, until the returned function is called. */
  subscribe(subscription: Subscription): () => void {
    this.#subscriptions.set(subscription, undefined);
    if (this.#isLive()) this.#request(subscription);
    return () => {
      this.#subscriptions.get(subscription)?.();
      this.#subscriptions.delete(subscription);
    };
  }

  get canSend(): boolean {
    return this.#isLive();
  }

  /** Resolves with the server's RECEIPT. Rejects while there is no connection: ask `canSend`, or go by REST. */
  async send(destination: string, body: unknown): Promise<void> {
    if (!this.#link || !this.#isLive()) throw new Error('There is no connection.');
    await this.#link.send(destination, body);
  }

  reconnectNow(): void {
    if (!this.#unwatch || this.#isLive()) return;
    this.#drop();
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const round = ++this.#round;
    this.#status.set({ state: 'connecting', attempt: this.#failures + 1, downSince: this.#downSince });

    let token: string | undefined;
    let openSocket;
    try {
      token = await this.#options.token({ rejected: this.#tokenRejected });
      openSocket = await socketFactory(this.#choice.family, this.#url);
    } catch {
      // No token or no code to be had: the same to us as no connection.
      if (round === this.#round) this.#retry('network', undefined);
      return;
    }
    if (round !== this.#round) return;
    if (token === undefined) return this.#stopFor('auth_expired');

    this.#link = new Link(openSocket, token, this.#clock, {
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
    this.#status.set({ state: 'live', transport, since: this.#clock.monotonic() });
    for (const subscription of this.#subscriptions.keys()) this.#request(subscription);
  }

  #request(subscription: Subscription): void {
    const end = this.#link?.subscribe(
      subscription.destination,
      { since: subscription.since?.(), hearsGaps: subscription.onGap !== undefined },
      (message) => {
        if (message.eventType === 'gap' && subscription.onGap)
          return subscription.onGap(sinceIn(message.body));
        // The verdict on a resume is no event.
        if (message.eventType !== 'resume') this.#lastEventAt.set(this.#clock.monotonic());
        subscription.onMessage(message);
      },
      () => subscription.onReady?.(),
    );
    this.#subscriptions.set(subscription, end);
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
      this.#online.isOnline() ? { state: 'waiting', cause, ...waiting } : { state: 'offline', ...waiting },
    );
    this.#timer = this.#clock.after(delayMs, () => void this.#connect());
  }

  #stopFor(code: string): void {
    this.#drop();
    this.#status.set({ state: 'stopped', code, downSince: this.#downSince });
    if (code.startsWith('auth_')) this.#options.onUnauthorized(code);
  }

  #wake(): void {
    // A socket that was frozen with its machine looks open. Heart-beats that didn't come say otherwise.
    if (this.#isLive() && this.#link?.isSilent() === true) this.#lost('heartbeat_timeout');
    const { state } = this.#status.get();
    if (state === 'waiting' || state === 'offline' || state === 'idle') this.reconnectNow();
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
    this.#downSince = this.#clock.monotonic();
    if (this.#downSince - status.since >= settledMs) this.#failures = 0;
  }

  #isLive(): boolean {
    return this.#status.get().state === 'live';
  }
}

/** Of a gap that its server told. */
function sinceIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'since' in body ? String(body.since) : '';
}
