/** What is wrong with one field of a request. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A refusal by the server: problem+json (RFC 9457) with Carillon's `code`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** What is wrong with which field. */
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The server could not be reached, or answered something that isn't ours. */
export class Unreachable extends Error {
  /** @param consequence what may have been done all the same, since it was the request or only the answer that was lost */
  constructor(
    readonly consequence: Consequence,
    options?: ErrorOptions,
  ) {
    super(`The clinic’s server can’t be reached.${advice[consequence]}`, options);
    this.name = 'Unreachable';
  }
}

/** Nothing; or perhaps what was asked for; or that, but once however often it is asked for in the same words. */
export type Consequence = 'none' | 'perhaps' | 'once';

const advice: Readonly<Record<Consequence, string>> = {
  none: '',
  perhaps: ' Perhaps it was done: look before trying again.',
  once: ' Perhaps it was done, perhaps not. Try again: it is done once only.',
};

/** Whether a request was refused with that code. */
export function hasCode(error: unknown, code: string): error is Problem {
  return error instanceof Problem && error.code === code;
}

/** A sentence for a person: our own words where we have some, else the server's. */
export function explain(error: unknown): string {
  if (error instanceof Problem) return sentences[error.code] ?? (fieldWords(error) || error.message);
  if (error instanceof Unreachable) return error.message;
  return 'Something went wrong on this page. Please try again.';
}

function fieldWords({ errors }: Problem): string {
  return errors.map(({ path, message }) => `${fieldNames[path] ?? path}: ${message}.`).join(' ');
}

const fieldNames: Readonly<Record<string, string>> = {
  doctorId: 'Doctor',
  durationMinutes: 'Length',
  email: 'E-mail',
  message: 'Message',
  name: 'Name',
  password: 'Password',
  reason: 'Reason',
  startsAt: 'Time',
};

const sentences: Readonly<Record<string, string>> = {
  double_booking: 'There is another appointment of the same patient at that time. Book it all the same?',
  time_off_limit: 'There are as many blocked times as there can be. Give one back, or make one of several.',
  slot_taken: 'That time was just taken. The free times are up to date.',
  too_far_ahead: 'That day can’t be booked yet. Please choose an earlier one.',
  booking_limit:
    'You have as many appointments ahead as can be booked online. Cancel one, or ask the clinic to book for you.',
  stale_version: 'This appointment was changed meanwhile. You now see the current one.',
  rate_limited: 'Too many attempts. Please wait a few minutes and try again.',
  unavailable: 'The clinic’s server is busy or restarting. Please try again in a moment.',
  internal_error: 'The server failed. It has been logged; please try again.',
  email_taken: 'There is already an account with this e-mail address.',
};
