import type { ServerResponse } from 'node:http';

/** Emitted on a response that is a stream from now on: it stays open, and is no request that is being handled. */
export const STREAMING = Symbol('carillon:streaming');

/** Says that an answer is a stream from now on: it is no request in flight any more. */
export function markStreaming(response: ServerResponse): void {
  response.emit(STREAMING);
}
