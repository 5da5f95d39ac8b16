import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { Refusal } from '../../library/errors.js';
import { isOverHttp, type HttpCode } from '../errors.js';
import { problemOf } from './problem.js';

/** Answers whatever a request was refused with, or failed by, as application/problem+json (RFC 9457). */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    // A message has an answer of its own.
    if (host.getType() !== 'http') throw thrown;
    const response = host.switchToHttp().getResponse<Response>();
    const error = refusalOf(thrown) ?? this.#fault(thrown);
    if (response.headersSent) {
      // A stream that had begun: its client learns from the cut that there is no more.
      response.destroy();
      return;
    }
    if (error.code === 'unavailable') this.#logger.warn('A request was told to come again', error);
    const problem = problemOf(error);
    response.status(problem.status).set(error.headers);
    // RFC 9110, 11.6.1: a 401 names the scheme to try.
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm="carillon"');
    response.type('application/problem+json').send(JSON.stringify(problem));
  }

  /** Logged whole, told short. */
  #fault(thrown: unknown): Refusal<HttpCode> {
    this.#logger.error('A request failed', thrown);
    return new Refusal<HttpCode>('internal_error', 'internal error', { cause: thrown });
  }
}

/** Refusals by our own code, by Nest's router, and by express' body parsers (`http-errors`, with `expose`). */
function refusalOf(thrown: unknown): Refusal<HttpCode> | undefined {
  if (isOverHttp(thrown)) return thrown;
  if (!(thrown instanceof Error)) return undefined;
  const status = thrown instanceof HttpException ? thrown.getStatus() : parserStatus(thrown);
  if (status === undefined || status >= 500) return undefined;
  const code = codeOf(status);
  return new Refusal<HttpCode>(code, sentences[code] ?? thrown.message, { cause: thrown });
}

function parserStatus(error: Error): number | undefined {
  if (!('expose' in error && error.expose === true)) return undefined;
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

function codeOf(status: number): HttpCode {
  if (status === 401) return 'auth_failed';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'body_too_large';
  if (status === 429) return 'rate_limited';
  return 'invalid_request';
}

/** Nest's sentences repeat the URL, and an URL may hold a ticket. */
const sentences: Partial<Record<HttpCode, string>> = {
  not_found: 'There is nothing at this path.',
  body_too_large: 'The body is larger than this server reads.',
};
