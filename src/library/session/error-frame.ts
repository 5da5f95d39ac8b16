import { codes, type EndingRefusal } from '../errors.js';
import type { FrameHead } from '../stomp/frame.js';

type Shown = Pick<EndingRefusal, 'code' | 'message' | 'details' | 'retryAfterMs' | 'answer'>;

/** What a client is told of a fault of ours. */
export const fault: Shown = {
  code: 'internal_error',
  message: 'The server failed; the fault is ours. Try again.',
  details: {},
  retryAfterMs: undefined,
  answer: codes.internal_error,
};

/** The headers of an ERROR, but for its `receipt-id`. Of the details those that are text. */
export function errorHeaders({ code, message, details, retryAfterMs, answer }: Shown): [string, string][] {
  const texts = Object.entries(details).filter((one): one is [string, string] => typeof one[1] === 'string');
  const headers: [string, string][] = [
    ['message', message],
    ['code', code],
    ['retryable', String(answer.retryable)],
    ['content-type', 'text/plain;charset=UTF-8'],
    ...texts,
  ];
  if (retryAfterMs !== undefined) headers.push(['retry-after-ms', String(Math.ceil(retryAfterMs))]);
  return headers;
}

/**
 * The body of an ERROR: what was wrong and, where a frame was at fault, which one (STOMP 1.2, ERROR: "to help identify
 * the original frame"). Names of its headers only, escaped and cut: among the values there may be secrets.
 */
export function errorBody(message: string, frame: FrameHead | undefined): string {
  if (!frame) return message;
  const names = [...frame.headers.keys()].slice(0, SHOWN_HEADERS).map(quoted);
  const hidden = frame.headers.size - names.length;
  if (hidden > 0) names.push(`${hidden} more`);
  const headers = names.length > 0 ? `these headers: ${names.join(', ')}` : 'no headers';
  return `${message}\n\nThe frame was ${frame.command}, with ${headers}.\n`;
}

const SHOWN_HEADERS = 20;
const SHOWN_NAME_LENGTH = 64;

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_NAME_LENGTH));
}
