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
      attempts.record('ada');
    }

    now = 1_030_000;
    expect(() => attempts.check('ada')).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterMs: 30_000 }) as Error,
    );
    expect(() => attempts.check('bob')).not.toThrow();
  });

  it('count as long as the window slides over them', () => {
    for (let i = 0; i < 3; i++) attempts.record('ada');

    now += 59_999;
    expect(() => attempts.check('ada')).toThrow('too many');
    now += 1;
    expect(() => attempts.check('ada')).not.toThrow();
  });

  it('are forgiven to whoever succeeds', () => {
    for (let i = 0; i < 3; i++) attempts.record('ada');

    attempts.forgive('ada');

    expect(() => attempts.check('ada')).not.toThrow();
  });

  it('of the key that was quiet longest are forgotten first', () => {
    for (const key of ['ada', 'bob', 'ada', 'cyd', 'ada']) attempts.record(key);

    expect(() => attempts.check('ada')).toThrow('too many');
    for (let i = 0; i < 2; i++) attempts.record('bob');
    expect(() => attempts.check('bob')).not.toThrow();
  });

  it('of a key that has none left outlive a flood of other keys', () => {
    for (let i = 0; i < 3; i++) attempts.record('ada');

    for (let i = 0; i < 10; i++) attempts.record(`other ${i}`);

    expect(() => attempts.check('ada')).toThrow('too many');
  });

  it('of a key whose window is over are forgotten before any other', () => {
    for (let i = 0; i < 3; i++) attempts.record('ada');
    now += 60_000;
    attempts.record('bob');
    attempts.record('cyd');
    attempts.record('bob');
    attempts.record('bob');

    expect(() => attempts.check('bob')).toThrow('too many');
  });
});
