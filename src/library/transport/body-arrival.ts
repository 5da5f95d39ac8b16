import type { IncomingMessage } from 'node:http';
import type { Limits } from '../limits.js';

/** Emitted on a request when its body has come as a whole. */
export const WHOLE = Symbol('carillon:whole');

/** What a chunk carries at least, where there are many: a client that streams sends kilobytes. */
export const PIECE_BYTES = 64;

/** What Node keeps of a body before its reader asks for it: of no longer one it is known that it will come unread. */
const SHORT_BYTES = 16 * 1_024;

/**
 * Watches a body come. One that comes in chunks of a byte is ended with its socket: each piece costs a hundred times what
 * it carries, whoever keeps it, and thousands of them come in one read.
 */
export function watchBody(request: IncomingMessage, { bodyPieces }: Pick<Limits, 'bodyPieces'>): void {
  const push = request.push.bind(request);
  let pieces = 0;
  let bytes = 0;
  request.push = (piece: Buffer | null, encoding) => {
    if (piece) {
      pieces += 1;
      bytes += piece.byteLength;
    }
    if (pieces > bodyPieces && bytes < pieces * PIECE_BYTES) {
      request.socket.destroy();
      return false;
    }
    const hasRoom = push(piece, encoding);
    if (piece === null) request.emit(WHOLE);
    return hasRoom;
  };
}

/** Whether a request comes with a body (RFC 9112, 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether the rest of a body will come before anybody has read the beginning, or said a word (RFC 9110, 10.1.1). */
export function isComingUnread({ headers, complete }: IncomingMessage): boolean {
  const bytes = Number(headers['content-length'] ?? 0);
  return !complete && bytes > 0 && bytes <= SHORT_BYTES && headers.expect === undefined;
}
