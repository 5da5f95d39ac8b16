import type { Headers } from '../broker/message.js';
import type { Subscriber } from '../broker/subscriber.js';
import type { WireErrorCode } from '../errors.js';

/** One client's connection as a session sees it; `transport/` implements it over its bounded outbox. */
export interface Wire {
  /** For people and metrics: `websocket`, `sockjs-websocket`, `xhr-streaming`, `tcp`, … */
  readonly transport: string;
  /** Bytes that aren't UTF-8 can't pass (SockJS). */
  readonly isTextOnly: boolean;
  /**
   * Sends one encoded frame, or a heart-beat of one LF. Never throws, never waits: over its limit the wire
   * ends itself and says so by `Session#lost('slow_consumer')`.
   */
  send(frame: Uint8Array): void;
  /** Flushes what was sent, then closes. `code` is a WebSocket close code. Idempotent. */
  close(code: number, reason: string): void;
  /** See `Subscriber#hasRoom`: the outbox is below a quarter of its soft limit. */
  hasRoom(): boolean;
  onRoom(callback: () => void): void;
  /** Stops reading the socket, where the transport can. */
  pause(): void;
  resume(): void;
  /** Asks for a sign of life that needs no timer in the client (WebSocket ping); the answer is `Session#heard()`. False: this wire can't. */
  probe(): boolean;
  /** Silence beyond the heart-beat interval that this transport needs; 0 for sockets. */
  readonly silenceMarginMs: number;
}

/** Who connected. Everything that a session may do follows from this and from nothing else. */
export interface User {
  /** Lower-cased e-mail address in the product; the name in `/user/{name}/…`. */
  readonly name: string;
  readonly roles: readonly string[];
  /** ms since the Unix epoch; the session ends then with `auth_expired`. */
  readonly expiresAt: number;
  /** Aborts with reason `auth_revoked` when the login behind it was ended elsewhere. */
  readonly ended: AbortSignal;
}

/** What CONNECT said of its sender. */
export interface Credentials {
  /** The `Authorization` header, as given. */
  readonly authorization: string | undefined;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  /** Client address behind trusted proxies, for limits. */
  readonly remoteAddress: string;
}

export interface Authenticator {
  /** @throws {StompError} auth_failed, auth_expired, auth_revoked, rate_limited (with header `retry-after-ms`) */
  authenticate(credentials: Credentials): Promise<User>;
}

export type Verb = 'SEND' | 'SUBSCRIBE';

export interface Authorizer {
  /**
   * @param address resolved and known: `/topic/**`, `/queue/**`, `/app/**`, or the user's own `/user/{name}/**`.
   *   For SUBSCRIBE on `/topic` it may be a pattern; true then only if every address that it matches is allowed.
   */
  isAllowed(user: User, verb: Verb, address: string): boolean;
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

/** The methods behind `/app`; `messaging/` implements it. */
export interface Application {
  /** Whether any method answers to that destination and verb; if none, the client gets `unknown_destination`. */
  handles(verb: Verb, destination: string): boolean;
  /** Resolves when the method has finished. @throws {StompError} to choose the code; anything else is `handler_failed`. */
  send(request: ApplicationRequest): Promise<void>;
  /**
   * A `@SubscribeMapping` method's value, for that subscription alone; undefined for none.
   * @param subscription takes more of them, where the value is a stream
   */
  subscribe(request: ApplicationRequest, subscription: Subscriber): Promise<ApplicationReply | undefined>;
}

/** What a session tells of itself, for logs and metrics; never bodies or secrets. */
export interface SessionObserver {
  connected?(session: { readonly id: string; readonly user: User; readonly transport: string }): void;
  disconnected?(session: { readonly id: string; readonly reason: WireErrorCode | 'closed' }): void;
  /** A fault of ours, whole, once. */
  failed?(session: { readonly id: string }, error: unknown): void;
}
