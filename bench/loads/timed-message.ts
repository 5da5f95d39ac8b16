import { frame } from '../stomp-socket.js';
import type { Headers } from '../target.js';

/** A SEND that says in its body when it was made, on this process' clock. */
export function messageFrame(headers: Headers, bodyBytes: number): Buffer {
  const time = performance.now().toFixed(3).padStart(DIGITS, '0');
  return frame('SEND', { ...headers, 'content-type': 'text/plain' }, time.padEnd(bodyBytes, 'x'));
}

/** When the message was made whose frame begins at `start`, in ms. */
export function sentAt(bytes: Buffer, start: number): number | undefined {
  const body = bytes.indexOf('\n\n', start);
  if (body === -1) return undefined;
  const time = Number(bytes.toString('latin1', body + 2, body + 2 + DIGITS));
  return Number.isNaN(time) ? undefined : time;
}

const DIGITS = 16;
