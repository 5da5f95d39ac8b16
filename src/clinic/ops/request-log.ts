import { Logger } from '@nestjs/common';
import { loggableText } from './log-fields.js';
import type { NextFunction, Request, Response } from 'express';

/**
 * One line for each request that was answered or cut. Without the query string, which may hold a ticket, without the
 * address of a calendar feed, which is a secret, and without the probes of a balancer, which would be all there is to see.
 */
export function requestLog(): (request: Request, response: Response, next: NextFunction) => void {
  const logger = new Logger('Request');
  return (request, response, next) => {
    const { method, path, ip } = request;
    if (!probes.has(path)) {
      const start = performance.now();
      const shown = loggableText(withoutSecret(path), PATH_CHARACTERS);
      response.once('close', () => {
        const outcome = response.writableFinished ? {} : { isCut: true };
        const ms = Math.round(performance.now() - start);
        logger.log({ method, path: shown, status: response.statusCode, ms, ip, ...outcome });
      });
    }
    next();
  };
}

/** Of a path that somebody made up. */
const PATH_CHARACTERS = 200;

/** In any spelling: what comes after it may be the secret all the same. */
function withoutSecret(path: string): string {
  return path.replace(/^(\/api\/calendar\/).+$/is, '$1…');
}

const probes = new Set(['/livez', '/readyz', '/metrics']);
