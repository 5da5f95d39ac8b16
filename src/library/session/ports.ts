import type { Headers, Message } from '../broker/message.js';
import type { Subscriber } from '../broker/subscriber.js';
import type { Frame } from '../stomp/frame.js';
import type { Share } from './share.js';

/** One client's connection as a session sees it; `transport/` implements it over its bounded outbox. */
export interface Wire {
  /** For people and metrics: `websocket`, `sockjs-websocket`, `xhr-streaming`, `tcp`, … */
  readonly transport: string;
  /** What the WebSocket's opening handshake agreed on, such as `v12.stomp`; empty or absent for nothing. */
  readonly subprotocol?: string;
  /** Bytes that aren't UTF-8 can't pass (SockJS). */
  readonly isTextOnly: boolean;
  /**
   * Sends one encoded frame, or a heart-beat of one LF. Never throws, never waits: over its limit the wire
   * ends itself and says so by `Session#disconnected('slow_consumer')`.
   */
  send(frame: Uint8Array): void;
  /** Flushes what was sent, then closes. `code` is a WebSocket close code. Idempotent. */
  close(code: number, reason: string): void;
  /** See `Subscriber#hasCapacity`: the outbox is below a quarter of its soft limit. */
  hasCapacity(): boolean;
  onCapacity(callback: () => void): void;
  /** Counts what waits in it to this share from now on: until CONNECTED to the one of all strangers, then to the user's. */
  countTo?(share: Share): void;
  /** Stops reading the socket, where the transport can. */
  pause(): void;
  resume(): void;
  /** Asks for a sign of life that needs no timer in the client (WebSocket ping); the answer is `Session#heard()`. False: this wire can't. */
  probe(): boolean;
  /**
   * From now on a LF may be sent where nothing else is (STOMP 1.1 and 1.2, Heart-beating), whatever was agreed on, so
   * that proxies keep the connection. Wires that have another sign of life don't need it.
   */
  beatWhenSilent?(): void;
  /** Bytes that have come so far, of messages too that aren't whole yet; absent where each byte goes to `receive` at once. */
  readonly receivedBytes?: number;
  /** Silence beyond the heart-beat interval that this transport needs; 0 for sockets. */
  readonly silenceMarginMs: number;
}

/** How the upgrade to a WebSocket asked, for conversations that begin by it. */
export interface Arrival {
  /** Without the query and a trailing slash. */
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
  /** The header, as given. */
  readonly authorization: string | undefined;
}

/** The user of a connection. Everything that a session may do follows from this and from nothing else. */
export interface User {
  /**
   * As Spring's `Principal#getName`: it identifies the login, and is the name in `/user/{name}/…`. It isn't the name that
   * people read: in the clinic it is the lower-cased e-mail address.
   */
  readonly name: string;
  readonly roles: readonly string[];
  /** ms since the Unix epoch; the session ends then with `auth_expired`. Default: the login doesn't expire. */
  readonly expiresAt?: number | undefined;
  /** Aborts when the login behind it is ended elsewhere: the session ends then with `auth_revoked`. Default: it never is. */
  readonly ended?: Ending | undefined;
}

/** The part of `AbortSignal` that is used; an `AbortSignal` satisfies it. */
export interface Ending {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What CONNECT said of its sender. */
export interface Credentials {
  /** The `Authorization` header, as given. */
  readonly authorization: string | undefined;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  /** One that opens a stream or a socket once, of a client that can send no header. Default none. */
  readonly ticket?: string | undefined;
  /** Client address behind trusted proxies, for limits. */
  readonly remoteAddress: string;
  /** Aborts when the client leaves before it was told whether it may come in: work that is dear can be dropped. */
  readonly left?: AbortSignal | undefined;
}

/** Checks logins; the application's to implement. */
export interface Authenticator {
  /** @throws {Refusal} auth_failed, auth_expired, auth_revoked, rate_limited (with `retryAfterMs`) */
  authenticate(credentials: Credentials): Promise<User>;
}

/** What a client wants to do with an address. */
export type Verb = 'SEND' | 'SUBSCRIBE';

/** Decides what a user may do; the application's to implement. */
export interface Authorizer {
  /**
   * @param address resolved and known: `/topic/**`, `/queue/**`, `/app/**`, or the user's own `/user/{name}/**`.
   *   For SUBSCRIBE on `/topic` it may be a pattern; true then only if every address that it matches is allowed.
   * @returns a promise where it has to be looked up: what its client sends next waits for it
   */
  isAllowed(user: User, verb: Verb, address: string): boolean | Promise<boolean>;
}

/** What a method of the application is told of a frame. */
export interface ApplicationRequest {
  readonly destination: string;
  /** The client's own headers, without those that the protocol uses up. */
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly session: ClientSession;
  /** Aborts when nobody waits for more of an answer: the session is over, or the subscription that asked. */
  readonly left: AbortSignal;
  /** Tells the client that what the method began (a stream) has failed, as if the method itself had. */
  fail(error: unknown): void;
}

/** A connected client, as the application sees it. */
export interface ClientSession {
  readonly id: string;
  readonly user: User;
  /** As `Wire#transport`. */
  readonly transport: string;
  /** What the application keeps with the session; forgotten when it ends. */
  readonly attributes: Map<string, unknown>;
  /** Aborts when the session is over. */
  readonly left: AbortSignal;
}

/** What a SUBSCRIBE to a method was answered with. */
export interface ApplicationReply {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The methods behind `/app`; `nest/` implements it. */
export interface Application {
  /** Before the destinations of its methods. Default `/app`. */
  readonly prefixes?: readonly string[];
  /** Whether any method answers to that destination and verb; if none, the client gets `unknown_destination`. */
  handles(verb: Verb, destination: string): boolean;
  /** Resolves when the method has finished. @throws {Refusal} to choose the code; anything else is `handler_failed`. */
  send(request: ApplicationRequest): Promise<void>;
  /**
   * A `@SubscribeMapping` method's value, for that subscription alone; undefined for none.
   * @param subscription takes more of them, where the value is a stream
   */
  subscribe(request: ApplicationRequest, subscription: Subscriber): Promise<ApplicationReply | undefined>;
}

/** Stands between a client and its session; several do in the order of their list. */
export interface StompInterceptor {
  /**
   * Before a frame is taken; the frames behind it wait. Returns it, or another in its place.
   * @param client undefined until CONNECT was accepted
   * @throws {Refusal} to refuse: the client gets an ERROR with the code. Anything else is `internal_error`.
   */
  inbound?(frame: Frame, client: ClientSession | undefined): Frame | Promise<Frame>;
  /**
   * Before a message is written to one subscription. Returns it, or another in its place; synchronously, since
   * publishing waits for nobody.
   * @throws {Refusal} what this client must not see ends its session with the code
   */
  outbound?(message: Message, client: ClientSession): Message;
}

/** A subscription of a session, for people and metrics. */
export interface OpenSubscription {
  /** What the client calls it; STOMP 1.0 allows none. */
  readonly id: string | undefined;
  readonly destination: string;
  /** What `destination` resolved to. */
  readonly address: string;
}

/** What a session tells of itself, for logs and metrics; never bodies or secrets. */
export interface SessionObserver {
  /** A CONNECT came; who it is from isn't known yet. */
  connecting?(session: {
    readonly id: string;
    readonly transport: string;
    readonly remoteAddress: string;
  }): void;
  connected?(session: { readonly id: string; readonly user: User; readonly transport: string }): void;
  /** It is registered: the next publish will be seen. */
  subscribed?(session: ClientSession, subscription: OpenSubscription): void;
  /** By UNSUBSCRIBE; what a session leaves open ends with it. */
  unsubscribed?(session: ClientSession, subscription: OpenSubscription): void;
  /** Once for each session that was connected, however it ended. The reason is a code, or `closed`. */
  disconnected?(session: { readonly id: string; readonly user: User; readonly reason: string }): void;
  /** Once for each that ended before it was connected, but by its client's leaving. */
  refused?(session: { readonly id: string; readonly transport: string; readonly reason: string }): void;
  /** A fault of ours, whole, once. */
  failed?(session: { readonly id: string }, error: unknown): void;
}
