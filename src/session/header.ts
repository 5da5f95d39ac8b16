import { StompError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Frame } from '../stomp/frame.js';
import type { FrameHead } from './error-body.js';

/** @throws {StompError} missing_header, invalid_header */
export function destinationOf(frame: Frame, { destinationCharacters: most }: Limits): string {
  const destination = required(frame, 'destination');
  if (destination.length <= most) return destination;
  throw new StompError('invalid_header', `A destination has ${most} characters at most.`);
}

/** @throws {StompError} missing_header */
export function required(frame: Frame, name: string): string {
  const value = frame.headers.get(name);
  if (value !== undefined && value !== '') return value;
  throw new StompError('missing_header', `${frame.command} needs the header ${name}.`);
}

/** STOMP 1.2, Standard Headers: any client frame other than CONNECT may have a receipt. */
export function receiptOf({ command, headers }: FrameHead): string | undefined {
  return command === 'CONNECT' || command === 'STOMP' ? undefined : headers.get('receipt');
}
