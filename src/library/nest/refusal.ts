import { HttpException } from '@nestjs/common';
import { Refusal, type ClosingCode } from '../errors.js';

/** What goes to the client as it is: refusals in our own words, and in those of Nest's guards and pipes. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof HttpException) || error.getStatus() >= 500) return undefined;
  const code = codes[error.getStatus()] ?? 'handler_failed';
  return new Refusal(code, sentence(error), { cause: error });
}

const codes: Readonly<Record<number, ClosingCode>> = {
  401: 'auth_failed',
  403: 'forbidden',
  429: 'rate_limited',
};

/** A ValidationPipe has a list: a sentence for each field. */
function sentence(error: HttpException): string {
  const response = error.getResponse();
  const said = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(said) ? said.join('; ') : error.message;
}
