import { Refusal } from '../errors.js';
import { fault } from '../session/error-frame.js';

/** Why a connection ends, or a CONNECT is refused. */
export type Ended = typeof fault;

/** What a client is told of a method that threw what is no refusal. */
export const FAILED = new Refusal('handler_failed', 'The method failed; the fault is ours.');

/** A refusal as clients see it. */
export function shown({
  code,
  message,
  answer,
  retryAfterMs,
}: Pick<Refusal<string>, 'code' | 'message' | 'answer' | 'retryAfterMs'>): object {
  return {
    code,
    message,
    retryable: answer?.retryable ?? false,
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
  };
}

/** Whether the same client may go on later, with the same login. */
export function comesBack({ answer }: Ended): boolean {
  return answer.retryable && answer.close !== AUTH_CLOSE;
}

/** Of the codes that need another login. */
const AUTH_CLOSE = 4401;

/** The message of the client's `connect_error`. */
export function sentenceOf({ code, message, answer }: Ended): string {
  if (code === 'auth_failed') return 'Authentication error: Invalid token';
  return answer.close === AUTH_CLOSE ? `Authentication error: ${message}` : message;
}
