import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a request or an upgrade is turned away, before anything is opened for it. */
export interface Refusal {
  readonly status: number;
  /** The stable word that clients act on. */
  readonly code: string;
  readonly detail: string;
  /** With a 429, where it is known when there will be a place. */
  readonly retryAfterSeconds?: number;
}

/**
 * With every 429: nobody knows when a place is free, but who asks again at once is refused again.
 * @see RFC 6585, 4
 */
export const retryAfter = { 'Retry-After': '5' } as const;

export const refusals = {
  notFound: { status: 404, code: 'not_found', detail: 'Nothing is served here.' },
  target: {
    status: 400,
    code: 'invalid_request',
    detail:
      'Write the path in one way only: no empty or dot segments, escaped separators, backslash or fragment.',
  },
  upgradeBody: { status: 400, code: 'invalid_request', detail: 'An upgrade has no body.' },
  webSocketOnly: {
    status: 400,
    code: 'invalid_request',
    detail: 'Here is a WebSocket: upgrade the request.',
  },
  callback: {
    status: 400,
    code: 'invalid_request',
    detail: 'Name a callback by the query: c=, letters, digits, -, _ and . only.',
  },
  payload: { status: 400, code: 'invalid_request', detail: 'Post a JSON array of strings.' },
  origin: { status: 403, code: 'forbidden', detail: 'This Origin may not use this server.' },
  tooMany: { status: 429, code: 'connection_limit', detail: 'Too many connections from this address.' },
  tooManyRequests: {
    status: 429,
    code: 'rate_limited',
    detail: 'Too many requests from this address wait already.',
  },
  draining: { status: 503, code: 'unavailable', detail: 'This node is going away; connect again.' },
  tooLarge: { status: 413, code: 'body_too_large', detail: 'The body is over the limit of this transport.' },
  tooFast: { status: 429, code: 'rate_limited', detail: 'More was sent than this session has handled.' },
} as const satisfies Record<string, Refusal>;

export function refuseRequest(response: ServerResponse, refusal: Refusal): void {
  response
    .writeHead(refusal.status, { 'Content-Type': 'application/problem+json', ...headersOf(refusal) })
    .end(problem(refusal));
}

/** An upgrade has no response object; without an answer its client would wait for ever. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = problem(refusal);
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      'Connection: close',
      ...Object.entries(headersOf(refusal)).map(([name, value]) => `${name}: ${value}`),
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function headersOf({ status, retryAfterSeconds }: Refusal): Readonly<Record<string, string>> {
  if (retryAfterSeconds !== undefined) return { 'Retry-After': String(retryAfterSeconds) };
  return status === 429 ? retryAfter : {};
}

/** @see RFC 9457, 3 */
function problem({ status, code, detail }: Refusal): string {
  return JSON.stringify({
    type: `urn:carillon:problem:${code}`,
    title: STATUS_CODES[status],
    status,
    detail,
    code,
  });
}
