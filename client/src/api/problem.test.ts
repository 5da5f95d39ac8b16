import { expect, it } from 'vitest';
import { explain, Problem, Unreachable } from './problem.js';

it('says which field is wrong and how, instead of that some are', () => {
  const errors = [
    { path: 'startsAt', message: 'must be in the future' },
    { path: 'unheard', message: 'is not known' },
  ];

  expect(explain(new Problem(400, 'invalid_request', 'The request is not valid; see errors.', errors))).toBe(
    'Time: must be in the future. unheard: is not known.',
  );
});

it('sends to the list only where something may have been changed', () => {
  expect(explain(new Unreachable('perhaps'))).toContain('look before trying again');
  expect(explain(new Unreachable('none'))).not.toContain('look before trying again');
});
