import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Frame } from '../stomp/frame.js';
import type { FrameHead } from './error-frame.js';

/** @throws {Refusal} missing_header */
export function required(frame: Frame, name: string): string {
  const value = frame.headers.get(name);
  if (value !== undefined && value !== '') return value;
  throw new Refusal('missing_header', `${frame.command} needs the header ${name}.`);
}

/**
 * What a client calls something that is kept by that name.
 * @throws {Refusal} invalid_header: names are many, and a long one costs as long as it is kept
 */
export function checkName(name: string, header: string, { nameCharacters: most }: Limits): string {
  if (name.length <= most) return name;
  throw new Refusal('invalid_header', `The header ${header} has ${most} characters at most.`);
}

/** STOMP 1.2, Standard Headers: any client frame other than CONNECT may have a receipt. */
export function receiptOf({ command, headers }: FrameHead): string | undefined {
  return command === 'CONNECT' || command === 'STOMP' ? undefined : headers.get('receipt');
}
