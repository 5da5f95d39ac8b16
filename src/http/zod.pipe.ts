import type { PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { HttpError } from '../errors.js';

/** Parses a body, a query or a parameter with its schema; what doesn't fit is `invalid_request` and names each place. */
export class ZodPipe<T extends z.ZodType> implements PipeTransform<unknown, z.output<T>> {
  constructor(private readonly schema: T) {}

  transform(value: unknown): z.output<T> {
    const parsed = this.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw invalid(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
  }
}

/** @param errors a place in the request each, and what is wrong with it */
export function invalid(errors: readonly { path: string; message: string }[]): HttpError {
  return new HttpError('invalid_request', 'The request is not valid; see errors.', { errors });
}
