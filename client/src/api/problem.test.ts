import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { speak } from '../words/language.js';
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

describe('to German eyes', () => {
  beforeEach(() => speak('de'));
  afterEach(() => speak('en'));

  it('shows its own words for the server’s codes, and none of the server’s', () => {
    const refusals = ['slot_taken', 'rate_limited', 'never_heard_of'].map((code) =>
      explain(new Problem(409, code, 'English')),
    );

    expect(refusals).toEqual([
      'Diese Zeit wurde gerade vergeben. Die freien Zeiten sind auf dem neuesten Stand.',
      'Zu viele Versuche. Bitte warten Sie einige Minuten und versuchen Sie es dann erneut.',
      'Das ist nicht möglich (never_heard_of).',
    ]);
  });

  it('names the field that is wrong', () => {
    const errors = [{ path: 'reason', message: 'must be shorter' }];

    expect(explain(new Problem(400, 'invalid_request', '', errors))).toBe(
      'Grund: Bitte prüfen Sie Ihre Eingabe.',
    );
  });
});
