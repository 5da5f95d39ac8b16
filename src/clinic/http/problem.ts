import type { Refusal } from '../../library/errors.js';
import { codes, type HttpCode } from '../errors.js';

/** What a refused request is answered with. @see RFC 9457, 3 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The stable word that clients act on. */
  readonly code: HttpCode;
  /** Extension members (RFC 9457, 3.2), such as `errors` or `from` and `to`. */
  readonly [member: string]: unknown;
}

/** The answer to a refused request (RFC 9457). */
export function problemOf({ code, message, details }: Refusal<HttpCode>): Problem {
  return {
    // Extensions first: none may hide a member that the standard defines.
    ...details,
    type: `urn:carillon:problem:${code}`,
    title: titles[code],
    status: codes[code].status,
    detail: message,
    code,
  };
}

/** RFC 9457, 3.1.3: the same for every occurrence of a type. */
const titles: Readonly<Record<HttpCode, string>> = {
  invalid_request: 'The request is not valid',
  auth_failed: 'Who you are could not be confirmed',
  auth_expired: 'The token has expired',
  auth_revoked: 'The session was ended',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  slot_taken: 'The time is taken',
  double_booking: 'The patient has another appointment then',
  too_far_ahead: 'The time cannot be booked yet',
  booking_limit: 'Too many appointments to come',
  time_off_limit: 'Too many blocked times to come',
  conversation_limit: 'Too many conversations',
  illegal_transition: 'The status cannot change this way',
  email_taken: 'The e-mail address has an account',
  wrong_password: 'The current password is another one',
  idempotency_conflict: 'The key was used for another request',
  cursor_reset: 'The position cannot be served any more',
  stale_version: 'Somebody else changed it meanwhile',
  body_too_large: 'The body is too large',
  connection_limit: 'Too many connections',
  rate_limited: 'Too many attempts',
  room_full: 'No place is free',
  internal_error: 'A fault of the server',
  unavailable: 'Not available at the moment',
};
