import { beforeEach, describe, expect, it } from 'vitest';
import { Attempts } from './attempts.js';

describe('attempts', () => {
  let now: number;
  let attempts: Attempts;

  beforeEach(() => {
    now = 1_000_000;
    attempts = new Attempts({ limit: 3, windowMs: 60_000, keys: 2, now: () => now });
  });

  it('are refused above the limit, and say when to come again', () => {
    for (const ms of [0, 10_000, 20_000]) {
      now = 1_000_000 + ms;
      attempts.take('ada');
    }

    now = 1_030_000;
    expect(() => attempts.take('ada')).toThrow(
      expect.objectContaining({ code: 'rate_limited', headers: { 'Retry-After': '30' } }) as Error,
    );
    expect(() => attempts.check('ada')).toThrow('too many');
    expect(() => attempts.take('bob')).not.toThrow();
  });

  it('count as long as the window slides over them', () => {
    for (let i = 0; i < 3; i++) attempts.take('ada');

    now += 59_999;
    expect(() => attempts.check('ada')).toThrow('too many');
    now += 1;
    expect(() => attempts.check('ada')).not.toThrow();
  });

  it('that were refused do not make it longer', () => {
    for (let i = 0; i < 3; i++) attempts.take('ada');
    now += 59_999;
    expect(() => attempts.take('ada')).toThrow('too many');

    now += 1;

    expect(() => attempts.take('ada')).not.toThrow();
  });

  it('are forgiven to whoever succeeds', () => {
    for (let i = 0; i < 3; i++) attempts.take('ada');

    attempts.forgive('ada');

    expect(() => attempts.check('ada')).not.toThrow();
  });

  it('of the key that was quiet longest are forgotten first', () => {
    for (let i = 0; i < 3; i++) attempts.take('ada');
    attempts.take('bob');
    attempts.take('cyd');

    expect(() => attempts.check('ada')).not.toThrow();
    attempts.take('bob');
    attempts.take('dan');
    attempts.take('bob');
    expect(() => attempts.check('bob')).toThrow('too many');
  });
});
