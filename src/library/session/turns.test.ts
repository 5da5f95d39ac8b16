import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Share } from './share.js';
import { Turns } from './turns.js';
import type { ToldFailure, Work } from './work.js';

const ERROR_WAIT_MS = 1_000;

/** Work whose end the test chooses. */
function pending() {
  let resolve: (told: void | ToldFailure) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const turn = new Promise<void | ToldFailure>((...ends) => ([resolve, reject] = ends));
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
  return {
    turn,
    finish: (told?: ToldFailure) => (resolve(told), settled()),
    fail: (error: unknown) => (reject(error), settled()),
  };
}

function setUp() {
  const said: string[] = [];
  const clock = new FakeClock();
  const turns = new Turns<string>(
    { answer: (request) => void said.push(request) },
    {
      refuse: (error, request) => void said.push(`${request ?? 'all'}: ${String(error)}`),
      finished: () => void said.push('finished'),
    },
    { clock, errorWaitMs: ERROR_WAIT_MS },
  );
  const add = (request: string, work: Work, bytes = 10): void => turns.add(work, request, bytes);
  return { said, clock, turns, add };
}

describe('answers', () => {
  it('come at once where nothing is waited for', () => {
    const { said, turns, add } = setUp();

    add('a', 'done');

    expect(said).toEqual(['a']);
    expect(turns.bytes).toBe(0);
  });

  it('leave in the order of the requests, however their work ends', async () => {
    const { said, add } = setUp();
    const [first, second] = [pending(), pending()];

    add('first', first);
    add('second', { stored: second.turn as Promise<void> });
    add('third', 'done');
    await second.finish();
    expect(said).toEqual([]);
    await first.finish();

    expect(said).toEqual(['first', 'second', 'third']);
  });

  it('are left out where the client was told otherwise', async () => {
    const { said, add } = setUp();
    const first = pending();

    add('first', first);
    add('second', 'done');
    await first.finish('told');

    expect(said).toEqual(['second']);
  });

  it('come before what is to be done afterwards, and that before the next answer', async () => {
    const { said, add } = setUp();
    const first = pending();

    add('first', { turn: first.turn, afterwards: () => void said.push('afterwards') });
    add('second', 'done');
    await first.finish();

    expect(said).toEqual(['first', 'afterwards', 'second']);
  });

  it('end with the last one, which waits for those before it', async () => {
    const { said, add } = setUp();
    const first = pending();

    add('first', first);
    add('bye', 'last');
    expect(said).toEqual([]);
    await first.finish();

    expect(said).toEqual(['first', 'bye', 'finished']);
  });

  it('end at once with a last one that waits for nothing', () => {
    const { said, add } = setUp();

    add('bye', 'last');

    expect(said).toEqual(['bye', 'finished']);
  });

  it('stop where one of them ends the conversation', async () => {
    const { said, turns, add } = setUp();
    const first = pending();
    add('first', { turn: first.turn, afterwards: () => turns.stop() });
    add('second', 'done');

    await first.finish();

    expect(said).toEqual(['first']);
  });
});

describe('a failure', () => {
  it('is told with its request, and no answer follows', async () => {
    const { said, turns, add } = setUp();
    const [first, second] = [pending(), pending()];
    add('first', first);
    add('second', second);

    await first.fail('broken');

    expect(said).toEqual(['first: broken']);
    expect([turns.hasFailed, turns.bytes]).toEqual([true, 0]);
    await second.finish();
    expect(said).toEqual(['first: broken']);
  });

  it('waits for the answers before it', async () => {
    const { said, turns, add } = setUp();
    const [first, second] = [pending(), pending()];
    add('first', first);
    add('second', second);

    await second.fail('broken');
    expect([turns.hasFailed, said]).toEqual([true, []]);
    await first.finish();

    expect(said).toEqual(['first', 'second: broken']);
  });

  it('waits so long and no longer', async () => {
    const { said, clock, turns, add } = setUp();
    add('first', pending());
    turns.fail('refused', 'second');

    clock.pass(ERROR_WAIT_MS - 1);
    expect(said).toEqual([]);
    clock.pass(1);

    expect(said).toEqual(['second: refused']);
    expect(clock.pending).toBe(0);
  });

  it('is told once, the first of several, and counts from the first', () => {
    const { said, clock, turns, add } = setUp();
    add('first', pending());
    turns.fail('one', 'second');
    clock.pass(ERROR_WAIT_MS - 1);
    turns.fail('two');

    clock.pass(1);

    expect(said).toEqual(['second: one']);
    expect(clock.pending).toBe(0);
  });

  it('of the whole names no request', () => {
    const { said, turns } = setUp();

    turns.fail('gone');

    expect(said).toEqual(['all: gone']);
  });

  it('may be told without waiting', () => {
    const { said, turns, add, clock } = setUp();
    add('first', pending());
    turns.fail('gone');

    turns.failNow();
    turns.failNow();

    expect([said, clock.pending]).toEqual([['all: gone'], 0]);
  });

  it('is not told now where there is none', () => {
    const { said, turns, add } = setUp();
    add('first', pending());

    turns.failNow();

    expect([said, turns.hasFailed]).toEqual([[], false]);
  });

  it('after the end is nobody’s', async () => {
    const { said, turns, add, clock } = setUp();
    const first = pending();
    add('first', first);
    turns.stop();

    turns.fail('late');
    await first.fail('later');

    expect([said, turns.hasFailed, clock.pending]).toEqual([[], false, 0]);
  });
});

describe('what is pending', () => {
  const most = { ...limits, pendingFrames: 2, pendingBytes: 100 };

  it('is crowded by many requests, of nothing too', () => {
    const { turns, add } = setUp();

    add('one', pending(), 0);
    expect(turns.isCrowded(most)).toBe(false);
    add('two', pending(), 0);

    expect(turns.isCrowded(most)).toBe(true);
  });

  it('is crowded by many requests that hold something', () => {
    const { turns, add } = setUp();

    add('one', pending(), 1);
    expect(turns.isCrowded(most)).toBe(false);
    add('two', pending(), 1);

    expect(turns.isCrowded(most)).toBe(true);
  });

  it('is crowded by more bytes than may be pending, until their work is done', async () => {
    const { turns, add } = setUp();
    const first = pending();

    add('one', first, 100);
    expect([turns.bytes, turns.isCrowded(most)]).toEqual([100, false]);
    add('two', pending(), 1);
    expect(turns.isCrowded({ ...most, pendingFrames: 9 })).toBe(true);
    await first.finish();

    expect([turns.bytes, turns.isCrowded({ ...most, pendingFrames: 9 })]).toEqual([1, false]);
  });

  it('is crowded where its user has too much', () => {
    const { turns, add } = setUp();
    const share = new Share({ ...limits, pendingBytesPerUser: 20 });
    share.pending.add(20);

    turns.share = share;
    expect(turns.isCrowded(most)).toBe(false);
    add('one', pending(), 21);

    expect(turns.isCrowded(most)).toBe(true);
  });

  it('counts as its user’s from then on, and is given back at the end', async () => {
    const { turns, add } = setUp();
    const share = new Share(limits);
    const first = pending();
    add('one', first, 30);

    turns.share = share;
    add('two', pending(), 5);
    expect(share.pending.used).toBe(35);
    await first.finish();
    expect(share.pending.used).toBe(5);
    turns.stop();

    expect(share.pending.used).toBe(0);
  });

  it('costs its user nothing while there is nothing', () => {
    const { turns } = setUp();
    let isMade = false;

    turns.share = {
      get pending() {
        isMade = true;
        return new Share(limits).pending;
      },
    };

    expect(isMade).toBe(false);
  });
});
