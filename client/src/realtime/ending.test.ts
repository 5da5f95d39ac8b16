import { expect, it } from 'vitest';
import { nextStep, type Ending } from './ending.js';

const cut: Ending = { wasConnected: true, timedOut: false, closeCode: 1006 };

it.each([
  ['auth_expired', true, 'renew'],
  ['auth_revoked', true, 'renew'],
  ['auth_failed', false, 'stop'],
  ['forbidden', false, 'stop'],
  ['slow_consumer', true, 'retry'],
  ['server_drain', true, 'retry'],
] as const)('ERROR %s (retryable: %s) means %s', (code, retryable, next) => {
  expect(nextStep({ ...cut, closeCode: 1011, error: { code, retryable } })).toEqual({ next, code });
});

it.each([
  [1001, 'retry'],
  [1006, 'retry'],
  [4401, 'renew'],
  [4403, 'stop'],
  [4999, 'retry'],
] as const)('close code %i without an ERROR means %s', (closeCode, next) => {
  expect(nextStep({ ...cut, closeCode }).next).toBe(next);
});
