import { expect, it } from 'vitest';
import { limits, limitsWith } from './limits.js';

it('a limit that is given is taken, one that is left out or undefined is the default', () => {
  // As a setting that isn't there, in a project without `exactOptionalPropertyTypes`.
  const given: object = { bodyBytes: 7, unsettled: undefined };

  expect(limitsWith(given)).toEqual({ ...limits, bodyBytes: 7 });
  expect(limitsWith()).toEqual(limits);
});
