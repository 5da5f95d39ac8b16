import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { Refusal } from '../errors.js';
import { invalid } from './zod.pipe.js';

/** The versions of a resource that a change may be made to: strong entity-tags, or any. */
export type Precondition = readonly string[] | '*';

/** The request's `If-Match`, if it has one. @throws {Refusal} invalid_request @see RFC 9110, 13.1.1 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): Precondition | undefined => {
    const header = context.switchToHttp().getRequest<Request>().get('If-Match');
    return header === undefined ? undefined : parse(header);
  },
);

/** RFC 9110, 8.8.3: as it stands in `ETag`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** To be asked inside the unit of work that makes the change. @throws {Refusal} stale_version, with the present `ETag` */
export function assertMatches(precondition: Precondition | undefined, version: number): void {
  if (precondition === undefined || precondition === '*' || precondition.includes(entityTag(version))) return;
  throw new StaleVersion(version);
}

class StaleVersion extends Refusal {
  constructor(private readonly present: number) {
    super(
      'stale_version',
      'Somebody changed it since it was loaded; load it anew and look before you repeat the change.',
    );
  }

  override get headers(): Readonly<Record<string, string>> {
    return { ...super.headers, ETag: entityTag(this.present) };
  }
}

function parse(header: string): Precondition {
  if (header.trim() === '*') return '*';
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => entityTagForm.test(tag)))
    throw invalid([
      { path: 'If-Match', message: 'must be *, or entity-tags as ETag gave them, such as "3"' },
    ]);
  // Weak ones compare as different, whatever they say (RFC 9110, 8.8.3.2); no version of ours has a comma.
  return tags.filter((tag) => !tag.startsWith('W/'));
}

const entityTagForm = /^(W\/)?"[!#-~\x80-\xff]*"$/;
