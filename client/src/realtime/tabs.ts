import type { Clock, Timer } from './clock.js';
import type { Online } from './online.js';
import { version, type Envelope, type TabMessage } from './tab-messages.js';

/** Web Locks, as far as they are used; `navigator.locks` is one. */
export interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

/** A BroadcastChannel, as far as it is used. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  close(): void;
}

/** What becomes of this tab. */
export interface TabEvents {
  /** The connection is this tab's: `shared` with others, or for itself alone. */
  onLead(shared: boolean): void;
  /** Another tab has it. */
  onFollow(): void;
  onMessage(message: Envelope): void;
}

/** What tabs agree by. */
export interface TabsOptions {
  readonly name: string;
  readonly locks: Locks;
  readonly openChannel: (name: string) => Channel;
  readonly clock: Clock;
  readonly online: Online;
}

/** A leader that is hidden for longer lets a tab lead that is looked at: timers of hidden tabs stand still for a minute. */
const hiddenMs = 60_000;
/** So often a tab that is looked at asks who leads. */
const helloMs = 5_000;
/** A leader has so long to answer; a second time, and it has lost. */
const answerMs = 1_500;

/** Which of the tabs of one name has the connection: the one that holds the lock. When it goes, the browser hands it on. */
export class Tabs {
  readonly #options: TabsOptions;
  readonly #events: TabEvents;
  readonly id = randomId();
  #channel: Channel | undefined;
  #leader: string | undefined;
  /** While this tab leads: lets go of the lock. */
  #release: (() => void) | undefined;
  #waiting: AbortController | undefined;
  #hello: Timer | undefined;
  #unanswered = 0;
  #hiddenSince: number | undefined;

  constructor(options: TabsOptions, events: TabEvents) {
    this.#options = options;
    this.#events = events;
  }

  get isLeader(): boolean {
    return this.#release !== undefined;
  }

  start(): void {
    const { name, openChannel } = this.#options;
    try {
      this.#channel = openChannel(name);
    } catch {
      // Forbidden here, as in a sandboxed frame.
      return this.#goSolo();
    }
    this.#channel.addEventListener('message', ({ data }) => this.#receive(data));
    this.#request(false);
    this.look();
    if (!this.#options.online.isVisible()) this.#greet();
  }

  stop(): void {
    if (this.isLeader) this.post({ type: 'resign' });
    else this.post({ type: 'bye' });
    this.#leave();
  }

  post(message: TabMessage): void {
    this.#channel?.postMessage({ ...message, v: version, from: this.id } satisfies Envelope);
  }

  /** The page is looked at, or isn't any more. */
  look(): void {
    const { clock, online } = this.#options;
    this.#hiddenSince = online.isVisible() ? undefined : (this.#hiddenSince ?? clock.monotonic());
    if (this.#channel && online.isVisible()) this.#greet();
  }

  #request(steal: boolean): void {
    const waiting = new AbortController();
    this.#waiting?.abort();
    this.#waiting = waiting;
    const { locks, name } = this.#options;
    let isHeld = false;
    const options = steal ? { steal } : { signal: waiting.signal };
    locks
      .request(name, options, () => {
        if (waiting.signal.aborted) return Promise.resolve();
        isHeld = true;
        return new Promise<void>((resolve) => this.#lead(resolve));
      })
      .catch(() => {
        if (waiting.signal.aborted) return;
        // Stolen; or there are no locks to be had here.
        if (isHeld) this.#lost();
        else this.#goSolo();
      });
  }

  #lead(release: () => void): void {
    this.#hello?.cancel();
    this.#release = release;
    this.#leader = this.id;
    this.#events.onLead(true);
  }

  #lost(): void {
    this.#release = undefined;
    this.#leader = undefined;
    this.#events.onFollow();
    this.post({ type: 'resign' });
    this.#request(false);
    this.#greet();
  }

  /** Asks who leads, and takes the lead from one who doesn't answer. */
  #greet(): void {
    this.#hello?.cancel();
    if (this.isLeader) return;
    const { clock, online } = this.#options;
    this.post({ type: 'hello', isVisible: online.isVisible() });
    this.#hello = clock.after(answerMs, () => {
      if (!online.isVisible()) return;
      if (++this.#unanswered > 1) this.#take();
      this.#greet();
    });
  }

  #take(): void {
    this.#unanswered = 0;
    this.#request(true);
  }

  #receive(data: unknown): void {
    const message = data as Envelope;
    if (message.v !== version) {
      // A leader of another version: the two don't understand each other.
      if (message.type === 'lead' && !this.isLeader) this.#goSolo();
      else if (message.type === 'hello' && this.isLeader) this.#events.onMessage(message);
      return;
    }
    switch (message.type) {
      case 'lead':
        return this.#follow(message);
      case 'hello':
        this.#events.onMessage(message);
        if (this.isLeader && message.isVisible && this.#isLongHidden())
          this.post({ type: 'yield', to: message.from });
        return;
      case 'yield':
        if (message.to === this.id && !this.isLeader) this.#take();
        return;
      case 'resign':
        if (message.from === this.#leader) this.#leader = undefined;
        if (!this.isLeader) this.#greet();
        return;
      default:
        this.#events.onMessage(message);
    }
  }

  #follow(message: Envelope): void {
    // Two that took the lead at once: one of them is just losing it.
    if (this.isLeader) return;
    this.#unanswered = 0;
    this.#hello?.cancel();
    this.#hello = this.#options.clock.after(helloMs, () => {
      if (this.#options.online.isVisible()) this.#greet();
    });
    if (message.from !== this.#leader) {
      this.#leader = message.from;
      this.#events.onFollow();
    }
    this.#events.onMessage(message);
  }

  /** Whether it comes from who leads. */
  isOfLeader({ from }: Envelope): boolean {
    return from === this.#leader;
  }

  #isLongHidden(): boolean {
    const { clock } = this.#options;
    return this.#hiddenSince !== undefined && clock.monotonic() - this.#hiddenSince > hiddenMs;
  }

  #goSolo(): void {
    this.#leave();
    this.#events.onLead(false);
  }

  #leave(): void {
    this.#hello?.cancel();
    this.#waiting?.abort();
    this.#release?.();
    this.#release = undefined;
    this.#leader = undefined;
    this.#channel?.close();
    this.#channel = undefined;
  }
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(36)).join('');
}
