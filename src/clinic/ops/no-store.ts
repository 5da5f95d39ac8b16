import type { NextFunction, Request, Response } from 'express';

/** Answers are one user's, and as of now: nothing on the way keeps them, unless a route says otherwise. */
export function noStore(_: Request, response: Response, next: NextFunction): void {
  response.set('Cache-Control', 'no-store');
  next();
}
