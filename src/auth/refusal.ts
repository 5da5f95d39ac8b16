import { HttpError, StompError } from '../errors.js';

export type RefusalCode = 'auth_failed' | 'auth_expired' | 'auth_revoked' | 'rate_limited';

/** Why somebody isn't let in: the same word in both protocols. */
export class Refusal extends HttpError {
  declare readonly code: RefusalCode;

  /** @param retryAfterMs for `rate_limited` */
  constructor(
    code: RefusalCode,
    message: string,
    private readonly retryAfterMs?: number,
  ) {
    // RFC 9110, 10.2.3: in seconds.
    super(
      code,
      message,
      {},
      retryAfterMs === undefined ? {} : { 'Retry-After': `${Math.ceil(retryAfterMs / 1000)}` },
    );
    this.name = 'Refusal';
  }

  forStomp(): StompError {
    const headers = this.retryAfterMs === undefined ? {} : { 'retry-after-ms': `${this.retryAfterMs}` };
    return new StompError(this.code, this.message, headers, { cause: this });
  }
}
