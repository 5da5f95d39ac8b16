import type { NextFunction, Request, Response } from 'express';
import { Refusal } from '../errors.js';
import { isUnambiguous } from '../../library/transport/request-path.js';

/** Refuses a target that two parsers could read differently: a proxy would have let pass something else than is served. */
export function oneSpelling({ originalUrl }: Request, _: Response, next: NextFunction): void {
  if (isUnambiguous(originalUrl)) return next();
  next(
    new Refusal(
      'invalid_request',
      'Write the path in one way only: no empty or dot segments, escaped separators, backslash or fragment.',
    ),
  );
}
