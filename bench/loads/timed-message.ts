import { frame } from '../stomp-socket.js';
import type { Headers } from '../target.js';

/** A SEND that says in its body when it was made. */
export function messageFrame(headers: Headers, bodyBytes: number): Buffer {
  const body = now().toFixed(2).padStart(DIGITS, '0').padEnd(bodyBytes, 'x');
  return frame('SEND', { ...headers, 'content-type': 'text/plain' }, body);
}

/** When the message was made whose frame begins at `start`, by `now`. */
export function sentAt(bytes: Buffer, start: number): number | undefined {
  const body = bytes.indexOf('\n\n', start);
  if (body === -1) return undefined;
  const time = Number(bytes.toString('latin1', body + 2, body + 2 + DIGITS));
  return Number.isNaN(time) ? undefined : time;
}

/** ms since 1970, with fractions: the same in all processes of this machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

const DIGITS = 16;
