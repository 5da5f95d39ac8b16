import { Refusal } from '../errors.js';

/** Where a payload isn't what a method takes. */
export interface PayloadIssue {
  /** Of the field, dots between; empty for the payload itself. */
  readonly path: string;
  readonly message: string;
}

/** The sender's payload doesn't fit its content-type, or not what the method asks for. */
export class PayloadError extends Refusal {
  constructor(
    message: string,
    readonly issues: readonly PayloadIssue[] = [],
    options?: ErrorOptions,
  ) {
    super('handler_failed', message, options);
    this.name = 'PayloadError';
  }
}
