import { describe, expect, it } from 'vitest';
import { Lane } from './lane.js';

describe('a lane', () => {
  it('runs no more at once than it may, and the others in turn', async () => {
    const lane = new Lane(2, 10);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const runs = [0, 1, 2, 3].map((i) =>
      lane.run(() => {
        begun.push(i);
        return new Promise<void>((end) => ends.push(end));
      }),
    );

    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await runs[1];
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    await runs[0];
    expect(begun).toEqual([0, 1, 2, 3]);
    ends.forEach((end) => end());
    await Promise.all(runs);
  });

  it('goes on after work that failed', async () => {
    const lane = new Lane(1, 10);

    const failing = lane.run(() => Promise.reject(new Error('no')));
    const next = lane.run(() => Promise.resolve('yes'));

    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('refuses when too many wait', async () => {
    const lane = new Lane(1, 1);
    let finish = (): void => undefined;
    const running = lane.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const waiting = lane.run(() => Promise.resolve());

    await expect(lane.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'rate_limited' });

    finish();
    await Promise.all([running, waiting]);
  });
});
