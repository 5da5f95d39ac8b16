import { z } from 'zod';

/** An instant in an answer, which is a Date until it becomes JSON. */
export const instant = z.iso.datetime().describe('ISO 8601, in UTC');

/** What a schema of an answer says, before it becomes JSON: `Instants` are Dates there. */
export type AnswerOf<Schema extends z.ZodType, Instants extends keyof z.output<Schema>> = {
  readonly [Key in keyof z.output<Schema>]: Key extends Instants
    ? Date | Exclude<z.output<Schema>[Key], string>
    : z.output<Schema>[Key];
};
