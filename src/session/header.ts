import { StompError } from '../errors.js';
import type { Frame } from '../stomp/frame.js';

/** @throws {StompError} missing_header */
export function required(frame: Frame, name: string): string {
  const value = frame.headers.get(name);
  if (value !== undefined && value !== '') return value;
  throw new StompError('missing_header', `${frame.command} needs the header ${name}.`);
}
