import { createStore, type Readable } from '../state/store.js';
import { browserClock, type Clock } from './clock.js';
import { Connection } from './connection.js';
import { Followers } from './followers.js';
import { Hub, keyOf } from './hub.js';
import type { Link, Message } from './link.js';
import { Listener, type Subscription } from './listener.js';
import { Lookout, type Outlook, type StreamEvents } from './lookout.js';
import { browserOnline, type Online } from './online.js';
import { asFollower, type Role, type Status } from './status.js';
import { StreamLink } from './stream-link.js';
import type { Envelope, TabMessage } from './tab-messages.js';
import { Tabs, type Channel, type Locks } from './tabs.js';
import type { Memory } from './transport-choice.js';

/** Where `Realtime` connects to, as whom, and what it takes from the browser. */
export interface RealtimeOptions {
  /** Where SockJS, and plain WebSocket, is; of the page's own server where it is a path. Default `/ws`. */
  readonly url?: string;
  /** May reject: that is one failed attempt. Undefined: nobody is signed in any more. */
  token(ask: { rejected: boolean }): Promise<string | undefined>;
  /** The server doesn't take this user's token, not a new one either. */
  onUnauthorized(code: string): void;
  /**
   * Tabs that give the same name share one connection: it names the user, and the server where one origin has several.
   * Default: each tab has its own.
   */
  readonly sharedAs?: string;
  /** Where a destination is heard as Server-Sent Events, should neither WebSocket nor SockJS get through. Default: nowhere. */
  streamOf?(destination: string): string | undefined;
  /**
   * There is no connection for a while: ask by other ways, as REST, for what may have changed, and resolve with whether the
   * server answered. Default: nothing is asked.
   */
  ask?(): Promise<boolean>;
  /** Remembers for an hour that WebSocket is blocked. Default: the page's `localStorage`, where it may be had. */
  readonly storage?: Memory;
  /** Default: the browser's. stompjs keeps heart-beats, and the wait for CONNECTED, by timers of its own. */
  readonly clock?: Clock;
  /** Whether there is a network, and when it comes back. Default: what the browser says and how the page is shown. */
  readonly online?: Online;
  /** Default: `navigator.locks`; where a browser has none (plain HTTP from another machine), no connection is shared. */
  readonly locks?: Locks | undefined;
  /** Default: a `BroadcastChannel` of that name. */
  readonly channel?: (name: string) => Channel;
}

/** Keeps one connection to the server open, whatever happens to it, with the same subscriptions on it. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #online: Online;
  readonly #tabs: Tabs | undefined;
  readonly #status = createStore<Status>({ state: 'idle' });
  readonly #outlook = createStore<Outlook>('none');
  readonly #lastEventAt = createStore<number | null>(null);
  readonly #listeners = new Map<Subscription, { readonly listener: Listener; end: () => void }>();
  readonly #hub = new Hub((key, message) => this.#spread(key, message));
  readonly #followers: Followers;
  /** While the connection is this tab's. */
  #own: { readonly connection: Connection; readonly end: () => void } | undefined;
  #isShared = false;
  /** Numbers the links. */
  #link: number | undefined;
  #links = 0;
  #lastId = 0;
  readonly #unanswered = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #unwatch: (() => void) | undefined;
  #isAway = false;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#url = new URL(options.url ?? '/ws', globalThis.location?.href).href;
    this.#clock = options.clock ?? browserClock;
    this.#online = options.online ?? browserOnline;
    this.#tabs = this.#tabsOf(options);
    this.#followers = new Followers(this.#hub, (message) => this.#tabs?.post(message));
  }

  get status(): Readable<Status> {
    return this.#status;
  }

  /** How news come while there is no connection. */
  get outlook(): Readable<Outlook> {
    return this.#outlook;
  }

  /** When the last message came, null before the first. */
  get lastEventAt(): Readable<number | null> {
    return this.#lastEventAt;
  }

  start(): void {
    if (this.#unwatch) return;
    this.#unwatch = this.#online.watch({
      onWake: () => this.#wake(),
      onLook: () => this.#tabs?.look(),
      onOffline: () => this.#own?.connection.goOffline(),
      onHide: () => {
        this.#isAway = true;
        this.#leave();
      },
    });
    this.#enter();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#leave();
  }

  /** Holds over every reconnect, until the returned function is called. */
  subscribe(subscription: Subscription): () => void {
    const listener = new Listener(subscription, () => this.#lastEventAt.set(this.#clock.monotonic()));
    const entry = { listener, end: () => {} };
    this.#listeners.set(subscription, entry);
    entry.end = this.#begin(listener);
    return () => {
      this.#listeners.delete(subscription);
      entry.end();
    };
  }

  get canSend(): boolean {
    return this.#status.get().state === 'live';
  }

  /** Resolves with the server's RECEIPT. Rejects while there is no connection: ask `canSend`, or go by REST. */
  async send(destination: string, body: unknown): Promise<void> {
    if (!this.canSend) throw new Error('There is no connection.');
    if (this.#own) return this.#own.connection.send(destination, body);
    const id = ++this.#lastId;
    await new Promise<void>((resolve, reject) => {
      this.#unanswered.set(id, { resolve, reject });
      this.#tabs?.post({ type: 'send', id, destination, body });
    });
  }

  reconnectNow(): void {
    if (!this.#unwatch) return;
    if (this.#own) this.#own.connection.reconnectNow();
    else this.#tabs?.post({ type: 'reconnect' });
  }

  #tabsOf({ sharedAs, locks = globalThis.navigator?.locks, channel }: RealtimeOptions): Tabs | undefined {
    const openChannel = channel ?? (globalThis.BroadcastChannel && ((name) => new BroadcastChannel(name)));
    if (sharedAs === undefined || !locks || !openChannel) return undefined;
    return new Tabs(
      { name: sharedAs, locks, openChannel, clock: this.#clock, online: this.#online },
      {
        onLead: (isShared) => this.#lead(isShared),
        onFollow: () => this.#follow(),
        onMessage: (message) => this.#receive(message),
      },
    );
  }

  #enter(): void {
    this.#isAway = false;
    this.#status.set({ state: 'connecting', attempt: 1, downSince: this.#clock.monotonic() });
    if (this.#tabs) this.#tabs.start();
    else this.#lead(false);
  }

  #leave(): void {
    this.#endOwn();
    this.#tabs?.stop();
    this.#part();
    this.#outlook.set('none');
    this.#status.set({ state: 'idle' });
  }

  #wake(): void {
    if (this.#isAway) this.#enter();
    else this.#own?.connection.wake();
  }

  /** The connection is this tab's from now on. */
  #lead(isShared: boolean): void {
    this.#part();
    this.#isShared = isShared;
    const role: Role = isShared ? 'leader' : 'solo';
    const options = this.#options;
    const connection = new Connection({
      url: this.#url,
      token: (ask) => options.token(ask),
      onUnauthorized: (code) => options.onUnauthorized(code),
      storage: options.storage ?? ownStorage(),
      clock: this.#clock,
      online: this.#online,
      role,
      onOpen: (link) => void this.#open(link),
      onClose: () => this.#close(),
    });
    const lookout = new Lookout(
      connection.status,
      { look: () => this.#ask(), listen: (events) => this.#listen(events) },
      this.#clock,
    );
    const ends = [
      connection.status.subscribe(() => {
        this.#status.set(connection.status.get());
        this.#tell();
      }),
      lookout.outlook.subscribe(() => {
        this.#outlook.set(lookout.outlook.get());
        this.#tell();
      }),
      lookout.start(),
    ];
    this.#own = {
      connection,
      end: () => {
        ends.forEach((end) => end());
        connection.stop();
      },
    };
    this.#status.set(connection.status.get());
    this.#tell();
    this.#rebegin();
  }

  /** Another tab has the connection from now on, or is about to. */
  #follow(): void {
    this.#endOwn();
    this.#part();
  }

  #endOwn(): void {
    const own = this.#own;
    this.#own = undefined;
    own?.end();
    this.#close();
    this.#followers.clear();
  }

  #open(link: Link): number {
    // They ask anew, each from where it is.
    this.#followers.clear();
    this.#link = ++this.#links;
    this.#tell();
    this.#hub.open(link);
    return this.#link;
  }

  #close(): void {
    this.#hub.close();
    this.#followers.clear();
    if (this.#link === undefined) return;
    this.#link = undefined;
    this.#tell();
  }

  /** What went by the tab that led until now. */
  #part(): void {
    this.#link = undefined;
    for (const { listener } of this.#listeners.values()) listener.parted();
    for (const { reject } of this.#unanswered.values())
      reject(new Error('The connection ended before the server answered.'));
    this.#unanswered.clear();
  }

  #rebegin(): void {
    for (const entry of this.#listeners.values()) {
      entry.end();
      entry.end = this.#begin(entry.listener);
    }
  }

  /** @returns ends it */
  #begin(listener: Listener): () => void {
    if (this.#own) return this.#hub.add(listener.wanted, listener);
    if (!this.#tabs || this.#link === undefined) return () => undefined;
    const id = ++this.#lastId;
    this.#wanted.set(id, listener);
    this.#tabs.post({ type: 'want', id, ...listener.wanted, since: listener.since() });
    return () => {
      this.#wanted.delete(id);
      this.#tabs?.post({ type: 'unwant', id });
    };
  }

  /** Of a follower: what it has asked the leader for. */
  readonly #wanted = new Map<number, Listener>();

  #receive(message: Envelope): void {
    if (this.#own) {
      if (message.type === 'hello') this.#tell();
      else if (message.type === 'reconnect') this.#own.connection.reconnectNow();
      else this.#followers.receive(message, this.#own.connection);
    } else if (this.#tabs?.isOfLeader(message) === true) this.#hearLeader(message);
  }

  #hearLeader(message: TabMessage): void {
    if ('to' in message && message.to !== this.#tabs?.id) return;
    switch (message.type) {
      case 'lead': {
        const shift = this.#clock.monotonic() - message.at;
        this.#status.set(asFollower(message.status, shift));
        this.#outlook.set(message.outlook);
        if (message.link === this.#link) return;
        this.#part();
        this.#wanted.clear();
        this.#link = message.link;
        return this.#rebegin();
      }
      case 'message':
        for (const listener of this.#wanted.values())
          if (keyOf(listener.wanted) === message.key) listener.hear(message.message);
        return;
      case 'missed':
        return this.#wanted.get(message.id)?.catchUp(message.message);
      case 'joined':
        return this.#wanted.get(message.id)?.joined();
      case 'ready':
        return this.#wanted.get(message.id)?.ready();
      case 'sent': {
        const { resolve, reject } = this.#unanswered.get(message.id) ?? {};
        this.#unanswered.delete(message.id);
        if (message.error === undefined) resolve?.();
        else reject?.(new Error(message.error));
        return;
      }
      case 'ask':
        void this.#options.ask?.();
        return;
      default:
    }
  }

  /** Tells the other tabs how it is. */
  #tell(): void {
    if (!this.#own || !this.#isShared) return;
    this.#tabs?.post({
      type: 'lead',
      status: this.#status.get(),
      outlook: this.#outlook.get(),
      link: this.#link,
      at: this.#clock.monotonic(),
    });
  }

  #spread(key: string, message: Message): void {
    // The others first: should this tab die of it, they have it.
    this.#followers.spread(key, message);
    for (const { listener } of this.#listeners.values())
      if (keyOf(listener.wanted) === key) listener.hear(message);
  }

  async #ask(): Promise<boolean> {
    if (this.#isShared) this.#tabs?.post({ type: 'ask' });
    return (await this.#options.ask?.()) ?? true;
  }

  async #listen({ signal, onOpen }: StreamEvents): Promise<void> {
    const options = this.#options;
    if (!options.streamOf) return;
    const token = await options.token({ rejected: false });
    if (token === undefined || signal.aborted) return;
    const link = new StreamLink({
      streamOf: (destination) => options.streamOf?.(destination),
      token,
      signal,
      onOpen,
    });
    const number = this.#open(link);
    await link.ended;
    // Where a connection has taken its place, that is heard now.
    if (this.#link === number) this.#close();
  }
}

/** Undefined where the browser forbids it: nothing is remembered then. */
function ownStorage(): Memory | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
