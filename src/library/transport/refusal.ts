import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { codes, Refusal, type HttpCode } from '../errors.js';

/** Why a request or an upgrade is turned away, before anything is opened for it. */
export type HttpRefusal = Refusal<HttpCode>;

/**
 * With every 429: nobody knows when a place is free, but who asks again at once is refused again.
 * @see RFC 6585, 4
 */
export const RETRY_AFTER_MS = 5_000;

/** They are answered and never thrown, so one of each is enough. */
export const refusals = {
  notFound: refusal('not_found', 'Nothing is served here.'),
  target: refusal(
    'invalid_request',
    'Write the path in one way only: no empty or dot segments, escaped separators, backslash or fragment.',
  ),
  upgradeBody: refusal('invalid_request', 'An upgrade has no body.'),
  webSocketOnly: refusal('invalid_request', 'Here is a WebSocket: upgrade the request.'),
  callback: refusal('invalid_request', 'Name a callback by the query: c=, letters, digits, -, _ and . only.'),
  pollMethod: refusal('invalid_request', 'A GET polls, and a POST sends.'),
  payload: refusal('invalid_request', 'Post a JSON array of strings.'),
  origin: refusal('forbidden', 'This Origin may not use this server.'),
  tooMany: refusal('connection_limit', 'Too many connections from this address.', RETRY_AFTER_MS),
  draining: refusal('unavailable', 'This node is going away; connect again.'),
  tooLarge: refusal('body_too_large', 'The body is over the limit of this transport.'),
  tooFast: refusal('rate_limited', 'More was sent than this session has handled.', RETRY_AFTER_MS),
};

/**
 * The refusal of a request whose network has too many waiting.
 * @param waitMs in how many ms trying again can help
 */
export function tooManyRequests(waitMs: number): HttpRefusal {
  return refusal('rate_limited', 'Too many requests from this address wait already.', waitMs);
}

function refusal(code: HttpCode, message: string, retryAfterMs?: number): HttpRefusal {
  return new Refusal<HttpCode>(code, message, { retryAfterMs });
}

/** Answers a request with a refusal, as application/problem+json (RFC 9457). */
export function refuseRequest(response: ServerResponse, refusal: HttpRefusal): void {
  response
    .writeHead(codes[refusal.code].status, {
      'Content-Type': 'application/problem+json',
      ...refusal.headers,
    })
    .end(problem(refusal));
}

/** An upgrade has no response object; without an answer its client would wait for ever. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const { status } = codes[refusal.code];
  const body = problem(refusal);
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      ...Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}`),
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** @see RFC 9457, 3 */
function problem({ code, message }: HttpRefusal): string {
  const { status } = codes[code];
  return JSON.stringify({
    type: `urn:carillon:problem:${code}`,
    title: STATUS_CODES[status],
    status,
    detail: message,
    code,
  });
}
