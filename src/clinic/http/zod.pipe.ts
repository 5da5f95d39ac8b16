import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../errors.js';

/** Faults that are told; a thousand more would say nothing new. */
const TOLD = 10;

/** Parses a body, a query or a parameter with its schema; what doesn't fit is `invalid_request` and names each place. */
export class ZodPipe<T extends z.ZodType> implements PipeTransform<unknown, z.output<T>> {
  constructor(private readonly schema: T) {}

  transform(value: unknown, { type }: Partial<Pick<ArgumentMetadata, 'type'>> = {}): z.output<T> {
    if (type === 'query' && this.schema instanceof z.ZodObject) assertNamesOf(this.schema, value);
    const parsed = this.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw invalid(
      parsed.error.issues.slice(0, TOLD).map(({ path, message }) => ({ path: path.join('.'), message })),
    );
  }
}

/**
 * A parameter that nobody knows is passed over, but not one that is meant for another: a list from a place that the
 * server didn't read looks as if it were one from there.
 */
function assertNamesOf(schema: z.ZodObject, query: unknown): void {
  const names = Object.keys(schema.shape);
  const errors = Object.keys(query ?? {}).flatMap((given) => {
    const meant = names.find((name) => name !== given && bare(name) === bare(given));
    return meant === undefined ? [] : [{ path: given, message: `must be written ${meant}, once` }];
  });
  if (errors.length > 0) throw invalid(errors);
}

/** `After`, `after[]` and `AFTER` are meant for `after`. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/\[.*\]$|[-_\s]/g, '');
}

/** @param errors a place in the request each, and what is wrong with it */
export function invalid(errors: readonly { path: string; message: string }[]): Refusal {
  return new Refusal('invalid_request', 'The request is not valid; see errors.', { details: { errors } });
}
