import type { PipeTransform } from '@nestjs/common';
import { positionKindOf } from '../../library/broker/position-name.js';
import { invalid } from '../http/zod.pipe.js';

/**
 * For lists, which go on from `after`: a position by the name that a stream or a SUBSCRIBE has for it isn't passed over.
 * A list from a place that the server didn't read looks as if it were one from there.
 */
export class StrayPositions implements PipeTransform<object, object> {
  /** @throws {Refusal} invalid_request */
  transform(query: object): object {
    const errors = Object.keys(query)
      .filter((name) => name !== 'after' && positionKindOf(name) !== undefined)
      .map((path) => ({ path, message: 'must be written after' }));
    if (errors.length > 0) throw invalid(errors);
    return query;
  }
}
