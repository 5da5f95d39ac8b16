/**
 * Every code that Carillon answers with, once. The same word stands in STOMP's ERROR `code`, in problem+json,
 * in the JSON sockets and in the metrics' `reason`. docs/errors.md says what each means to a client.
 */

/** Codes that end a connection: whether trying again can help, and the WebSocket close code (RFC 6455, 7.4). */
export const wireErrors = {
  malformed_frame: { retryable: false, close: 4400 },
  unsupported_version: { retryable: false, close: 4400 },
  frame_too_large: { retryable: false, close: 1009 },
  missing_header: { retryable: false, close: 4400 },
  invalid_header: { retryable: false, close: 4400 },
  unknown_command: { retryable: false, close: 4400 },
  not_connected: { retryable: false, close: 4400 },
  already_connected: { retryable: false, close: 4400 },
  duplicate_subscription: { retryable: false, close: 4400 },
  unknown_subscription: { retryable: false, close: 4400 },
  unknown_ack: { retryable: false, close: 4400 },
  duplicate_transaction: { retryable: false, close: 4400 },
  unknown_transaction: { retryable: false, close: 4400 },
  auth_failed: { retryable: false, close: 4401 },
  auth_timeout: { retryable: false, close: 4401 },
  auth_expired: { retryable: true, close: 4401 },
  auth_revoked: { retryable: true, close: 4401 },
  forbidden: { retryable: false, close: 4403 },
  unknown_destination: { retryable: false, close: 4404 },
  handler_failed: { retryable: false, close: 1011 },
  slow_consumer: { retryable: true, close: 4408 },
  heartbeat_timeout: { retryable: true, close: 4408 },
  subscription_limit: { retryable: false, close: 4429 },
  transaction_too_large: { retryable: false, close: 4429 },
  connection_limit: { retryable: false, close: 4429 },
  rate_limited: { retryable: true, close: 4429 },
  queue_full: { retryable: false, close: 4429 },
  server_drain: { retryable: true, close: 1001 },
  /** Somebody that this node needs doesn't answer: the database, or the issuer of tokens (RFC 6455's registry, 1013). */
  unavailable: { retryable: true, close: 1013 },
  internal_error: { retryable: true, close: 1011 },
} as const satisfies Record<string, { retryable: boolean; close: number }>;

export type WireErrorCode = keyof typeof wireErrors;

/** Codes of the REST API and the HTTP status that each stands for (RFC 9110, 15). */
export const httpErrors = {
  invalid_request: 400,
  auth_failed: 401,
  auth_expired: 401,
  auth_revoked: 401,
  forbidden: 403,
  not_found: 404,
  slot_taken: 409,
  too_far_ahead: 409,
  booking_limit: 409,
  illegal_transition: 409,
  email_taken: 409,
  idempotency_conflict: 409,
  cursor_reset: 410,
  stale_version: 412,
  body_too_large: 413,
  rate_limited: 429,
  internal_error: 500,
  unavailable: 503,
} as const satisfies Record<string, number>;

export type HttpErrorCode = keyof typeof httpErrors;

/** A violation by the peer, or a refusal, that is answered with an ERROR frame and the close that its code names. */
export class StompError extends Error {
  /**
   * @param code the stable word that clients act on
   * @param message one sentence: what was wrong and what to do; it goes to the peer, so it holds no secret
   * @param headers more headers for the ERROR frame, such as `version` (STOMP 1.2, Protocol Negotiation)
   */
  constructor(
    readonly code: WireErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StompError';
  }
}

/** A refusal of an HTTP request, answered as problem+json (RFC 9457) with `code` beside its members. */
export class HttpError extends Error {
  /**
   * @param code the stable word; its status stands in `httpErrors`
   * @param message one sentence for the caller, problem+json's `detail`
   * @param members more members of the problem, such as `errors` or `from` and `to`
   * @param headers response headers, such as `Retry-After`
   */
  constructor(
    readonly code: HttpErrorCode,
    message: string,
    readonly members: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'HttpError';
  }

  // The signature of the package http-errors: by it express and a stock Nest answer with the status and the message.
  readonly expose = true;
  get status(): number {
    return httpErrors[this.code];
  }
  get statusCode(): number {
    return httpErrors[this.code];
  }
}
