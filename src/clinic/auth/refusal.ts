import { HttpError, StompError } from '../../library/errors.js';

export type RefusalCode = 'auth_failed' | 'auth_expired' | 'auth_revoked' | 'rate_limited' | 'unavailable';

/** Why somebody isn't let in: the same word in both protocols. */
export class Refusal extends HttpError {
  declare readonly code: RefusalCode;

  /** @param retryAfterMs for `rate_limited` and `unavailable` */
  constructor(
    code: RefusalCode,
    message: string,
    private readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    // RFC 9110, 10.2.3: in whole seconds, and none would mean at once.
    const seconds = retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1000));
    super(code, message, {}, seconds === undefined ? {} : { 'Retry-After': `${seconds}` }, options);
    this.name = 'Refusal';
  }

  forStomp(): StompError {
    const headers =
      this.retryAfterMs === undefined ? {} : { 'retry-after-ms': `${Math.ceil(this.retryAfterMs)}` };
    return new StompError(this.code, this.message, headers, { cause: this });
  }
}
