import { now } from './timed-message.js';

/** Events of conversations, as Socket.IO's packets begin. */
export const NEW_MESSAGE = Buffer.from('42["new-message"');
export const REFUSED = Buffer.from('42["refused"');

const TEXT = Buffer.from('"text":"');
const DIGITS = 16;

/** What is said in a conversation at an instant of `now`. */
export function timedText(at: number, characters: number): string {
  return at.toFixed(2).padStart(DIGITS, '0').padEnd(characters, 'x');
}

/** How long ago the text of a `new-message` was said, in ms. */
export function ageOf(bytes: Buffer, start: number): number {
  const at = bytes.indexOf(TEXT, start) + TEXT.length;
  return now() - Number(bytes.toString('latin1', at, at + DIGITS));
}

export function begins(beginning: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = beginning;
  return end - start >= length && beginning.compare(bytes, start, start + length) === 0;
}
