/**
 * How a code is answered. With `close` it ends a connection: an ERROR that says whether connecting again can help
 * (`retryable`), then that WebSocket close code (RFC 6455, 7.4). With `status` it has an answer over HTTP (RFC 9110, 15).
 */
export type Answer =
  | { readonly status: number; readonly close?: never; readonly retryable?: never }
  | { readonly status?: number; readonly close: number; readonly retryable: boolean };

/**
 * Every code that the library answers with, once. The same word stands in STOMP's ERROR `code`, in problem+json and in
 * the metrics' `reason`. docs/errors.md says what each means to a client.
 */
export const codes = {
  malformed_frame: { close: 4400, retryable: false },
  unsupported_version: { close: 4400, retryable: false },
  frame_too_large: { close: 1009, retryable: false },
  missing_header: { close: 4400, retryable: false },
  invalid_header: { close: 4400, retryable: false },
  unknown_command: { close: 4400, retryable: false },
  not_connected: { close: 4400, retryable: false },
  already_connected: { close: 4400, retryable: false },
  duplicate_subscription: { close: 4400, retryable: false },
  unknown_subscription: { close: 4400, retryable: false },
  unknown_ack: { close: 4400, retryable: false },
  duplicate_transaction: { close: 4400, retryable: false },
  unknown_transaction: { close: 4400, retryable: false },
  auth_failed: { status: 401, close: 4401, retryable: false },
  auth_timeout: { close: 4401, retryable: false },
  auth_expired: { status: 401, close: 4401, retryable: true },
  auth_revoked: { status: 401, close: 4401, retryable: true },
  forbidden: { status: 403, close: 4403, retryable: false },
  unknown_destination: { close: 4404, retryable: false },
  handler_failed: { close: 1011, retryable: false },
  slow_consumer: { close: 4408, retryable: true },
  heartbeat_timeout: { close: 4408, retryable: true },
  subscription_limit: { close: 4429, retryable: false },
  transaction_too_large: { close: 4429, retryable: false },
  connection_limit: { status: 429, close: 4429, retryable: false },
  rate_limited: { status: 429, close: 4429, retryable: true },
  /** Of a room, or a channel. */
  room_full: { status: 429, close: 4429, retryable: false },
  queue_full: { close: 4429, retryable: false },
  server_drain: { close: 1001, retryable: true },
  /** The database, or the issuer of tokens, doesn't answer (RFC 6455's registry, 1013). */
  unavailable: { status: 503, close: 1013, retryable: true },
  internal_error: { status: 500, close: 1011, retryable: true },
  invalid_request: { status: 400 },
  not_found: { status: 404 },
  idempotency_conflict: { status: 409 },
  body_too_large: { status: 413 },
} as const satisfies Record<string, Answer>;

/** The stable word of a refusal by the library. */
export type Code = keyof typeof codes;

/** The codes of a table whose answer has a `close`, or a `status`. */
export type CodeWith<Property extends keyof Answer, Table = typeof codes> = {
  [C in keyof Table]: Table[C] extends Readonly<Record<Property, number>> ? C : never;
}[keyof Table];

/** A code that ends a connection. */
export type ClosingCode = CodeWith<'close'>;

/** Whether a word is a code that ends a connection. */
export function isClosingCode(word: string): word is ClosingCode {
  return Object.hasOwn(codes, word) && 'close' in codes[word as Code];
}

/** A code that has an answer over HTTP. */
export type HttpCode = CodeWith<'status'>;

/** What a refusal may carry beside its code and its sentence. */
export interface RefusalOptions extends ErrorOptions {
  /**
   * More for the peer than the sentence: members of a problem+json answer; those that are strings are headers of the
   * ERROR, such as `version` (STOMP 1.2, Protocol Negotiation).
   */
  readonly details?: Readonly<Record<string, unknown>>;
  /** In how many ms trying again can help: `retry-after-ms` of an ERROR, `Retry-After` over HTTP. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A no to the peer, in words for it: throw one, and the peer gets its code and its sentence in the form of its protocol.
 * Whatever else is thrown is a fault of ours, logged whole and told short.
 *
 * For codes of your own extend it, with a table of your own that `answer` reads. A code without an answer is told where
 * any code may stand (`/user/queue/errors`), and is a fault elsewhere.
 */
export class Refusal<C extends string = Code> extends Error {
  readonly code: C;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;

  /**
   * @param code the stable word that clients act on
   * @param message one sentence: what was wrong and what to do; it goes to the peer, so it holds no secret
   */
  constructor(code: NoInfer<C>, message: string, options: RefusalOptions = {}) {
    const { details = {}, retryAfterMs, ...cause } = options;
    super(message, cause);
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }

  get answer(): Answer | undefined {
    const rows: Readonly<Record<string, Answer>> = codes;
    return Object.hasOwn(rows, this.code) ? rows[this.code] : undefined;
  }

  // The signature of the package http-errors: by it Express and a stock Nest answer with the status and the message.
  get expose(): boolean {
    return this.status !== undefined;
  }
  get status(): number | undefined {
    return this.answer?.status;
  }
  get statusCode(): number | undefined {
    return this.status;
  }
  get headers(): Readonly<Record<string, string>> {
    if (this.retryAfterMs === undefined) return {};
    // RFC 9110, 10.2.3: in whole seconds, and none would mean at once.
    return { 'Retry-After': String(Math.max(1, Math.ceil(this.retryAfterMs / 1000))) };
  }
}

/** A refusal whose code ends a connection. */
export interface EndingRefusal extends Refusal<string> {
  readonly answer: Extract<Answer, { readonly close: number }>;
}

/** Whether this is a refusal, and by a code that ends a connection. */
export function isEnding(error: unknown): error is EndingRefusal {
  return error instanceof Refusal && error.answer?.close !== undefined;
}
