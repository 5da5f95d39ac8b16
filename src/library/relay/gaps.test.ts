import { beforeEach, describe, expect, it } from 'vitest';
import { Gaps } from './gaps.js';

describe('the numbers of other nodes', () => {
  let gaps: Gaps;
  const hear = (seq: number, at = 0, { node = 'a', channel = 'x' } = {}): unknown =>
    gaps.hear(channel, node, seq, at);

  beforeEach(() => {
    gaps = new Gaps();
  });

  it('begin anywhere, and follow on each other', () => {
    expect([hear(5), hear(6), hear(7)]).toEqual(['next', 'next', 'next']);
  });

  it('show by a jump what was lost, and since when', () => {
    hear(5, 100);
    hear(6, 200);

    expect(hear(8, 300)).toEqual({ lostSince: 200 });
    expect(hear(9, 400)).toBe('next');
  });

  it('show what was heard before', () => {
    hear(5);
    hear(6);

    expect([hear(6), hear(5), hear(7)]).toEqual(['duplicate', 'duplicate', 'next']);
  });

  it('are each node’s and each channel’s own', () => {
    hear(5);

    expect(hear(9, 0, { node: 'b' })).toBe('next');
    expect(hear(2, 0, { channel: 'y' })).toBe('next');
    expect(hear(6)).toBe('next');
  });

  it('may jump after a time in which nothing was heard, and come no second time', () => {
    hear(5);
    gaps.begin();

    expect([hear(5), hear(9), hear(11, 700)]).toEqual(['duplicate', 'next', { lostSince: 0 }]);
  });

  it('begin anew on a channel that was left, and of a node that was silent for long', () => {
    hear(5, 100);
    gaps.forget('x');
    expect(hear(1, 200)).toBe('next');

    gaps.forgetSilent(200);
    expect(hear(1, 300)).toBe('duplicate');
    gaps.forgetSilent(201);
    expect(hear(1, 300)).toBe('next');
  });
});
