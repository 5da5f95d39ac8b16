import type { NextFunction, Request, Response } from 'express';
import { HttpError } from '../errors.js';
import { isDeeperThan } from '../json-depth.js';

/** Refuses JSON that is nested deeper than any request is: what walks it by recursion would run out of stack. */
export function shallowJson(
  depth: number,
): (request: Request, response: Response, next: NextFunction) => void {
  return ({ body }, _, next) => {
    if (!isDeeperThan(depth, body)) return next();
    next(new HttpError('invalid_request', `The JSON is nested deeper than ${depth} levels.`));
  };
}
