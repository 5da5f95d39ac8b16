import type { PipeTransform } from '@nestjs/common';
import { PayloadError, type PayloadIssue } from './payload-error.js';

/** Faults that the sender is told; a thousand more would say nothing new. */
const TOLD = 10;

/** A zod schema, or anything that parses and throws. */
export interface PayloadSchema {
  parse(value: unknown): unknown;
}

/** Gives a method the output of a schema, and tells the sender where the payload doesn't fit. */
export class SchemaPipe implements PipeTransform<unknown, unknown> {
  constructor(private readonly schema: PayloadSchema) {}

  transform(value: unknown): unknown {
    try {
      return this.schema.parse(value);
    } catch (error) {
      const issues = issuesOf(error);
      throw new PayloadError(`The payload is not valid: ${sentence(issues)}`, issues, { cause: error });
    }
  }
}

/** The names of the fields and what is wrong with them, if the schema tells as zod does. */
function issuesOf(error: unknown): PayloadIssue[] {
  if (!(error instanceof Error)) return [{ path: '', message: String(error) }];
  const issues = 'issues' in error && Array.isArray(error.issues) ? (error.issues as SchemaIssue[]) : [];
  if (issues.length === 0) return [{ path: '', message: error.message }];
  return issues.slice(0, TOLD).map(({ path, message }) => ({ path: path?.join('.') ?? '', message }));
}

function sentence(issues: readonly PayloadIssue[]): string {
  return issues.map(({ path, message }) => `${path || 'it'}: ${message}`).join('; ');
}

interface SchemaIssue {
  readonly path?: readonly PropertyKey[];
  readonly message: string;
}
