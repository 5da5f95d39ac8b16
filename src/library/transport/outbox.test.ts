import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { limits as defaults } from '../limits.js';
import { Share } from '../session/share.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Outbox, type Sink } from './outbox.js';

const limits = { outboxBytes: 1_000, outboxSoftBytes: 400, outboxStallMs: 10_000 };

/** A socket that takes frames while it has room, and sends what it took when it is told to. */
class Pipe implements Sink {
  readonly isStream = true;
  readonly writes: string[][] = [];
  isFull = false;
  unsent = 0;
  overflows = 0;

  take(frames: readonly Uint8Array[]): number {
    if (this.isFull) return 0;
    this.writes.push(frames.map((frame) => Buffer.from(frame).toString()));
    return frames.length;
  }

  unsentBytes(): number {
    return this.unsent;
  }

  overflowed(): void {
    this.overflows += 1;
  }
}

function setUp() {
  const pipe = new Pipe();
  const clock = new FakeClock();
  const outbox = new Outbox(pipe, { limits, clock });
  return { pipe, clock, outbox };
}

const bytes = (count: number): Uint8Array => new Uint8Array(count).fill(97);

test('a frame that comes alone in its turn of the event loop leaves at once', async () => {
  const { pipe, outbox } = setUp();

  outbox.push(Buffer.from('a'));
  expect(pipe.writes).toEqual([['a']]);
  await turn();
  outbox.push(Buffer.from('b'));

  expect(pipe.writes).toEqual([['a'], ['b']]);
});

test('where frames came together in one turn, those of the next leave in one write, in order', async () => {
  const { pipe, outbox } = setUp();
  const push = (text: string): void => outbox.push(Buffer.from(text));

  ['a', 'b', 'c'].forEach(push);
  await turn();
  push('d');
  await Promise.resolve();
  push('e');
  await turn();
  expect(pipe.writes).toEqual([['a'], ['b', 'c'], ['d', 'e']]);

  push('f');
  expect(pipe.writes).toHaveLength(3);
  await turn();
  push('g');
  expect(pipe.writes.slice(3)).toEqual([['f'], ['g']]);
});

test('what a full sink does not take waits, and leaves when it is flushed', async () => {
  const { pipe, outbox } = setUp();
  pipe.isFull = true;

  outbox.push(Buffer.from('a'));
  await turn();
  expect([pipe.writes, outbox.waitingBytes]).toEqual([[], 1]);
  pipe.isFull = false;
  outbox.flush();

  expect([pipe.writes, outbox.waitingBytes]).toEqual([[['a']], 0]);
});

test('a sink that took all may keep the array, and one that took some is offered the rest', async () => {
  const { pipe, outbox } = setUp();
  const offered: (readonly Uint8Array[])[] = [];
  pipe.take = (frames) => {
    offered.push(frames);
    return Math.min(frames.length, 2);
  };

  outbox.push(bytes(1));
  for (let i = 0; i < 3; i += 1) outbox.push(bytes(10));
  await turn();
  outbox.push(bytes(100));

  expect(offered.map((frames) => frames.length)).toEqual([1, 3, 1]);
  expect(outbox.waitingBytes).toBe(100);
  await turn();
  expect(outbox.waitingBytes).toBe(0);
});

test('a sink is offered no more than 64 KiB and one frame at once', async () => {
  const pipe = new Pipe();
  const outbox = new Outbox(pipe, {
    limits: { ...limits, outboxBytes: 1e9 },
    clock: new FakeClock(),
  });

  for (let i = 0; i < 4; i += 1) outbox.push(bytes(40 * 1024));
  await turn();

  expect(pipe.writes.map((write) => write.length)).toEqual([1, 2, 1]);
});

test.each([
  [999, 0],
  [1_000, 0],
  [1_001, 1],
])('with a limit of 1,000 bytes %i of them overflow %i times', (count, times) => {
  const { pipe, outbox } = setUp();

  outbox.push(bytes(count));
  outbox.push(bytes(0));

  expect(pipe.overflows).toBe(times);
});

test('bytes that the sink holds unsent count', () => {
  const { pipe, outbox } = setUp();
  pipe.unsent = 1_000;

  outbox.push(bytes(1));

  expect(pipe.overflows).toBe(1);
});

test('after an overflow nothing is taken, kept or reported again', async () => {
  const { pipe, outbox } = setUp();

  outbox.push(bytes(2_000));
  outbox.push(bytes(2_000));
  await turn();

  expect([pipe.writes, pipe.overflows, outbox.waitingBytes]).toEqual([[], 1, 0]);
});

test.each([
  [400, 0],
  [401, 1],
])('%i bytes for longer than ten seconds, soft limit 400, overflow %i times', async (count, times) => {
  const { pipe, clock, outbox } = setUp();
  pipe.isFull = true;

  outbox.push(bytes(count));
  await turn();
  clock.pass(9_999);
  expect(pipe.overflows).toBe(0);
  clock.pass(1);

  expect(pipe.overflows).toBe(times);
});

test('a reader who comes below the soft limit in time starts anew', async () => {
  const { pipe, clock, outbox } = setUp();
  pipe.isFull = true;
  outbox.push(bytes(401));
  await turn();
  clock.pass(9_000);

  pipe.isFull = false;
  outbox.flush();
  pipe.isFull = true;
  outbox.push(bytes(401));
  await turn();
  clock.pass(9_000);
  expect(pipe.overflows).toBe(0);
  clock.pass(1_000);

  expect(pipe.overflows).toBe(1);
});

test.each([
  [99, true],
  [100, false],
])('with %i of 400 soft bytes waiting, there is room: %s', (count, expected) => {
  const { pipe, outbox } = setUp();
  pipe.isFull = true;

  outbox.push(bytes(count));

  expect(outbox.hasCapacity()).toBe(expected);
});

test('those who wait for room are called once, one after the other, while there is room', async () => {
  const { pipe, outbox } = setUp();
  const called: string[] = [];
  pipe.isFull = true;
  outbox.push(bytes(100));
  outbox.onCapacity(() => {
    called.push('first');
    pipe.isFull = true;
    outbox.push(bytes(100));
  });
  outbox.onCapacity(() => called.push('second'));
  await turn();
  expect(called).toEqual([]);

  pipe.isFull = false;
  outbox.flush();
  expect(called).toEqual(['first']);
  pipe.isFull = false;
  outbox.flush();

  expect(called).toEqual(['first', 'second']);
});

test('who asks for room where there is some is called back later, not within', async () => {
  const { outbox } = setUp();
  let calls = 0;

  outbox.onCapacity(() => (calls += 1));
  expect(calls).toBe(0);
  await turn();

  expect(calls).toBe(1);
});

test('an end waits for the frames before it, and takes none after it', async () => {
  const { pipe, clock, outbox } = setUp();
  let ends = 0;
  pipe.isFull = true;
  outbox.push(bytes(401));
  await turn();

  outbox.end(() => (ends += 1));
  outbox.push(bytes(1));
  expect(ends).toBe(0);
  pipe.isFull = false;
  outbox.flush();
  await turn();

  expect([ends, pipe.writes.length, clock.pending]).toEqual([1, 1, 0]);
});

test('outboxes of one user have a limit together, and the one with most of it is given up', async () => {
  const share = new Share({ ...defaults, outboxBytesPerUser: 900 });
  share.connections = 3;
  const all = [setUp(), setUp(), setUp()];
  for (const { pipe, outbox } of all) {
    pipe.isFull = true;
    outbox.countTo(share);
  }
  const push = (i: number, count: number): void => all[i]?.outbox.push(bytes(count));
  const overflows = (): number[] => all.map(({ pipe }) => pipe.overflows);

  push(0, 800);
  push(1, 200);
  expect(overflows()).toEqual([0, 0, 0]);
  push(1, 200);
  expect(overflows()).toEqual([0, 1, 0]);
  push(2, 300);
  expect(overflows()).toEqual([0, 1, 0]);
  for (const { pipe, outbox } of all) {
    pipe.isFull = false;
    outbox.flush();
  }

  expect(share.outbox.used).toBe(0);
});

test('a share is told of what waits in steps, and of all that has left', async () => {
  const share = new Share({ ...defaults, outboxBytesPerUser: 900 });
  const { pipe, outbox } = setUp();
  pipe.isFull = true;
  outbox.countTo(share);

  for (let i = 0; i < 5; i += 1) outbox.push(bytes(10));
  expect(share.outbox.used).toBeGreaterThan(40);
  await turn();
  expect(share.outbox.used).toBe(50);
  pipe.isFull = false;
  outbox.flush();
  expect(share.outbox.used).toBe(0);
  pipe.isFull = true;
  outbox.push(bytes(100));
  await turn();
  outbox.close();

  expect(share.outbox.used).toBe(0);
});

test('what waited before an outbox was counted to a user counts, and goes to the next with it', async () => {
  const [first, second] = [1, 2].map(() => new Share({ ...defaults, outboxBytesPerUser: 900 }));
  const { pipe, outbox } = setUp();
  pipe.isFull = true;
  outbox.push(bytes(50));
  await turn();

  outbox.countTo(first!);
  expect(first!.outbox.used).toBe(50);
  outbox.countTo(second!);

  expect([first!.outbox.used, second!.outbox.used]).toEqual([0, 50]);
});

test('a sink that holds a frame unsent after it came alone has it counted', async () => {
  const share = new Share({ ...defaults, outboxBytesPerUser: 900 });
  const { pipe, outbox } = setUp();
  outbox.countTo(share);
  pipe.take = (frames) => {
    pipe.unsent = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    return frames.length;
  };

  outbox.push(bytes(100));
  await turn();

  expect(share.outbox.used).toBe(100);
});

test('a sink that closes its outbox while it takes a frame is asked for nothing more', async () => {
  const { pipe, clock, outbox } = setUp();
  let ends = 0;
  let calls = 0;
  pipe.isFull = true;
  for (let i = 0; i < 3; i += 1) outbox.push(bytes(200));
  outbox.onCapacity(() => (calls += 1));
  await turn();
  pipe.take = () => {
    outbox.close();
    pipe.unsent = 500;
    return 1;
  };

  outbox.flush();
  outbox.flush();
  await turn();

  expect([ends, calls, clock.pending, outbox.waitingBytes, outbox.hasCapacity()]).toEqual([
    0,
    0,
    0,
    500,
    false,
  ]);
  outbox.end(() => (ends += 1));
  pipe.unsent = 0;
  clock.pass(20_000);
  expect(pipe.overflows).toBe(0);
});

test('a closed outbox forgets who waited for capacity, and gives its sink nothing', async () => {
  const { pipe, outbox } = setUp();
  let calls = 0;
  pipe.isFull = true;
  outbox.push(bytes(200));
  outbox.onCapacity(() => (calls += 1));

  outbox.close();
  pipe.isFull = false;
  outbox.flush();
  await turn();

  expect([calls, pipe.writes, outbox.waitingBytes]).toEqual([0, [], 0]);
});

test('who asks for capacity where there is none makes the sink no offer', async () => {
  const { pipe, outbox } = setUp();
  pipe.isFull = true;
  outbox.push(bytes(200));
  await turn();
  let offers = 0;
  pipe.take = () => {
    offers += 1;
    return 0;
  };

  outbox.onCapacity(() => {});
  await turn();

  expect(offers).toBe(0);
});

test('a frame that comes while others wait isn’t alone', async () => {
  const { pipe, outbox } = setUp();
  pipe.isFull = true;
  outbox.push(Buffer.from('a'));
  await turn();
  await turn();
  pipe.isFull = false;

  outbox.push(Buffer.from('b'));
  expect(pipe.writes).toEqual([]);
  await turn();

  expect(pipe.writes).toEqual([['a', 'b']]);
});

test('a reader that reads within ten seconds, so that just the soft limit waits, is kept', async () => {
  const { pipe, clock, outbox } = setUp();
  pipe.unsent = 401;
  outbox.flush();
  clock.pass(9_000);

  pipe.unsent = 400;
  clock.pass(1_000);
  expect(pipe.overflows).toBe(0);
  pipe.unsent = 401;
  outbox.flush();
  clock.pass(9_999);
  expect(pipe.overflows).toBe(0);
  clock.pass(1);

  expect(pipe.overflows).toBe(1);
});

test('a reader who has come down to the soft limit is watched no more', () => {
  const { pipe, clock, outbox } = setUp();
  pipe.unsent = 401;
  outbox.flush();
  expect(clock.pending).toBe(1);

  pipe.unsent = 400;
  outbox.flush();

  expect(clock.pending).toBe(0);
});
