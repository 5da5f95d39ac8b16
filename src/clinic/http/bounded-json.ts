import type { NextFunction, Request, Response } from 'express';
import { Refusal } from '../errors.js';
import { excessIn, type JsonBounds } from '../../library/json-bounds.js';

/** Refuses JSON that is nested deeper, or holds more, than any request does. */
export function boundedJson(
  bounds: JsonBounds,
): (request: Request, response: Response, next: NextFunction) => void {
  return ({ body }, _, next) => {
    const excess = excessIn(body, bounds);
    next(excess === undefined ? undefined : new Refusal('invalid_request', `The JSON ${excess}.`));
  };
}
