import {
  codes as libraryCodes,
  Refusal as LibraryRefusal,
  type Answer,
  type CodeWith,
} from '../library/errors.js';

/** Every code that the clinic answers with: the library's, and its own. */
export const codes = {
  ...libraryCodes,
  slot_taken: { status: 409 },
  double_booking: { status: 409 },
  too_far_ahead: { status: 409 },
  booking_limit: { status: 409 },
  time_off_limit: { status: 409 },
  conversation_limit: { status: 409 },
  illegal_transition: { status: 409 },
  email_taken: { status: 409 },
  wrong_password: { status: 403 },
  cursor_reset: { status: 410 },
  stale_version: { status: 412 },
} as const satisfies Record<string, Answer>;

/** The stable word of a refusal by the clinic or the library. */
export type Code = keyof typeof codes;

/** A code of the REST API. */
export type HttpCode = CodeWith<'status', typeof codes>;

/** A no to the caller, by a code of the clinic or of the library. */
export class Refusal extends LibraryRefusal<Code> {
  override get answer(): Answer {
    return codes[this.code];
  }
}

/** Whether this is a refusal, the library's or the clinic's, and by a code that has an answer over HTTP. */
export function isOverHttp(error: unknown): error is LibraryRefusal<HttpCode> {
  return error instanceof LibraryRefusal && error.status !== undefined;
}
