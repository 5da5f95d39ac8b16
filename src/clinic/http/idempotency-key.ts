import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { invalid } from './zod.pipe.js';

/** What a client calls a request, so that it can be sent again without being done again. */
export interface RequestKey {
  readonly key: string;
  /** Of method, path and body. */
  readonly fingerprint: string;
}

/**
 * The request's `Idempotency-Key`, if it has one.
 * @throws {Refusal} invalid_request
 * @see draft-ietf-httpapi-idempotency-key-header-07
 */
export const IdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestKey | undefined => {
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.get('Idempotency-Key');
    if (key === undefined) return undefined;
    if (!/^[!-~]{1,255}$/.test(key))
      throw invalid([{ path: 'Idempotency-Key', message: 'must have 1 to 255 visible ASCII characters' }]);
    return { key, fingerprint: fingerprintOf(request) };
  },
);

/** Marks an answer that was given before. */
export function markReplayed(response: Response, isReplayed: boolean): void {
  if (isReplayed) response.set('Idempotency-Replayed', 'true');
}

/** White space in JSON changes no request. */
function fingerprintOf({ method, path, body }: Request): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, body]))
    .digest('base64url');
}
