/** A refusal by the server: problem+json (RFC 9457) with Carillon's `code`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The server could not be reached, or answered something that isn't ours. */
export class Unreachable extends Error {
  constructor(options?: ErrorOptions) {
    super('The clinic’s server can’t be reached. Nothing was changed.', options);
    this.name = 'Unreachable';
  }
}

export function hasCode(error: unknown, code: string): error is Problem {
  return error instanceof Problem && error.code === code;
}

/** A sentence for a person: our own words where we have some, else the server's. */
export function explain(error: unknown): string {
  if (error instanceof Problem) return sentences[error.code] ?? error.message;
  if (error instanceof Unreachable) return error.message;
  return 'Something went wrong on this page. Please try again.';
}

const sentences: Readonly<Record<string, string>> = {
  slot_taken: 'That time was just taken. The free times below are up to date.',
  stale_version: 'This appointment was changed meanwhile. You now see the current one.',
  rate_limited: 'Too many attempts. Please wait a few minutes and try again.',
  unavailable: 'The clinic’s server is busy or restarting. Please try again in a moment.',
  internal_error: 'The server failed. It has been logged; please try again.',
  email_taken: 'There is already an account with this e-mail address.',
};
