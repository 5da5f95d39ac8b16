import type { IncomingMessage } from 'node:http';
import { refusals, type HttpRefusal } from './refusal.js';

/** Bytes that a session may have unhandled; asked before they are kept. */
export interface BodyBudget {
  /** False: there is no place for so many more. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/**
 * Reads a request's body within a limit and a budget.
 * @returns the body, its bytes still reserved; or why it is refused; undefined where the client left in the middle
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  budget: BodyBudget,
): Promise<Buffer | HttpRefusal | undefined> {
  return new Promise((resolve) => {
    let room: Buffer = NOTHING;
    let keptBytes = 0;
    let isOver = false;

    request.on('data', (piece: Buffer) => {
      if (isOver) return;
      if (keptBytes + piece.byteLength > limitBytes) return finish(refusals.tooLarge);
      if (!budget.reserve(piece.byteLength)) return finish(refusals.tooFast);
      keep(piece);
    });
    request.on('end', () => finish(room.subarray(0, keptBytes)));
    request.on('close', () => finish(undefined));

    /** In one Buffer that grows: a list of pieces would cost a hundred bytes for each byte that comes alone. */
    function keep(piece: Buffer): void {
      const needed = keptBytes + piece.byteLength;
      if (needed > room.byteLength) {
        const larger = Buffer.allocUnsafeSlow(Math.min(limitBytes, Math.max(needed, 2 * room.byteLength)));
        room.copy(larger, 0, 0, keptBytes);
        room = larger;
      }
      room.set(piece, keptBytes);
      keptBytes = needed;
    }

    function finish(result: Buffer | HttpRefusal | undefined): void {
      if (isOver) return;
      isOver = true;
      room = NOTHING;
      if (!(result instanceof Uint8Array)) budget.release(keptBytes);
      resolve(result);
    }
  });
}

/**
 * Reads on what was refused and throws it away, so that no TCP reset eats the answer; but not for ever.
 * @param limitBytes of what is thrown away
 */
export function discardBody(request: IncomingMessage, limitBytes: number): void {
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.byteLength;
    if (bytes > limitBytes) request.destroy();
  });
}

const NOTHING = Buffer.alloc(0);
