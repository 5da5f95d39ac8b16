import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryReader } from '../testing/memory-reader.js';
import { ADDRESS, PatientLog } from '../testing/patient-log.js';
import { Feed } from './feed.js';
import type { Message } from './message.js';
import { Slices } from './slices.js';

/** One log of so many rows, and those who follow it. */
function setUp(rows = 0) {
  const clock = new FakeClock();
  const log = new PatientLog();
  const faults: unknown[] = [];
  const feed = new Feed(ADDRESS, log, {
    clock,
    slices: new Slices(clock, limits),
    pageMessages: 3,
    retryMs: 1_000,
    nextId: () => 'resume',
    onFault: (error) => faults.push(error),
  });
  for (let i = 0; i < rows; i++) log.append();

  const follow = async (since?: string, reader = new MemoryReader()) => {
    const following = feed.follow(since);
    await log.answer();
    return { reader, following, opened: await following.opened };
  };
  /** As `follow`, and started. */
  const started = async (since?: string, reader = new MemoryReader()) => {
    const followed = await follow(since, reader);
    followed.following.start(reader);
    return followed;
  };
  const publish = (message: Message): void => feed.publish(message, () => false);
  const commit = (): void => publish(log.append());
  return { clock, log, faults, feed, follow, started, publish, commit };
}

const unlogged = (audience?: Message['audience']): Message => ({
  id: 'x',
  address: ADDRESS,
  headers: new Map(),
  body: Buffer.from('0'),
  ...(audience && { audience }),
});

const replayed = ({ messages }: MemoryReader): boolean[] =>
  messages.filter(({ isControl }) => !isControl).map(({ headers }) => headers.has('replayed'));

describe('a reader that opens', () => {
  it.each([
    [undefined, 'e:4'],
    ['e:2', 'e:2'],
    ['earliest', 'e:0'],
    ['f:2', 'e:4'],
  ])('with %s is at %s', async (since, position) => {
    const { follow } = setUp(4);

    expect((await follow(since)).opened).toBe(position);
  });

  it('leaves the epoch as it is, unless it saw numbers that the log never gave', async () => {
    const { log, started } = setUp(4);
    await started('f:9');
    await started('e:4');

    expect(log.epoch).toBe('e');
  });

  it('gets nothing before it starts, and reads then what was published meanwhile, unmarked', async () => {
    const { log, follow, commit } = setUp(1);
    const { reader, following } = await follow('e:0');
    commit();
    await log.answerAll();
    expect([reader.messages, log.asked]).toEqual([[], ['head']]);

    following.start(reader);
    await log.answerAll();

    expect([reader.rows, replayed(reader)]).toEqual([
      [1, 2],
      [true, false],
    ]);
  });

  it('asks the log for nothing where it has missed nothing', async () => {
    const { log, started } = setUp(4);
    const { reader } = await started('e:4');

    expect([log.asked, reader.verdicts.length]).toEqual([['head'], 1]);
  });

  it('starts once', async () => {
    const { log, started } = setUp(2);
    const { reader, following } = await started('e:0');

    following.start(new MemoryReader());
    following.start(reader);
    await log.answerAll();

    expect([reader.verdicts.length, reader.rows]).toEqual([1, [1, 2]]);
  });

  it('and leaves before it starts, gets nothing', async () => {
    const { log, follow, commit } = setUp(2);
    const { reader, following } = await follow('e:0');

    following.close();
    following.start(reader);
    commit();
    await log.answerAll();

    expect([reader.messages, log.asked]).toEqual([[], ['head']]);
  });

  it('and leaves at the verdict, reads nothing', async () => {
    const { log, follow } = setUp(2);
    const { reader, following } = await follow('e:0');
    reader.onMessage = () => following.close();

    following.start(reader);

    expect([reader.verdicts.length, log.asked]).toEqual([1, ['head']]);
  });
});

describe('a live reader', () => {
  it('gets a number that it has had no second time, nor an older one, and asks the log for neither', async () => {
    const { log, started, publish, commit } = setUp();
    const { reader } = await started();
    commit();
    commit();

    for (const row of [...log.rows].toReversed()) publish(row);
    await log.answerAll();
    commit();

    expect([reader.rows, log.asked]).toEqual([[1, 2, 3], ['head']]);
  });

  it('gets what isn’t logged as it comes, and is nowhere else for it', async () => {
    const { log, started, publish, commit } = setUp();
    const { reader } = await started();

    publish(unlogged());
    commit();

    expect([reader.rows, log.asked]).toEqual([[0, 1], ['head']]);
  });

  it('gets of what isn’t logged only what is meant for its session', async () => {
    const { started, publish } = setUp();
    const [one, other] = [await started(undefined, new MemoryReader('1')), await started()];

    publish(unlogged({ only: '1' }));
    publish(unlogged({ except: '1' }));

    expect([one.reader.rows.length, other.reader.rows.length]).toEqual([1, 1]);
  });

  it('without room gets nothing, asks for nothing, and reads all of it once it has room', async () => {
    const { log, started, commit } = setUp();
    const { reader } = await started();
    reader.makeCapacity(0);

    commit();
    commit();
    await log.answerAll();
    expect([reader.rows, log.asked]).toEqual([[], ['head']]);
    reader.makeCapacity(1);
    await log.answerAll();
    expect(reader.rows).toEqual([1]);
    reader.makeCapacity(Infinity);
    await log.answerAll();

    expect([reader.rows, reader.overruns]).toEqual([[1, 2], 0]);
  });

  it('goes on where a number was heard of and can’t be read yet, and reads it with the next', async () => {
    const { log, started, commit } = setUp();
    const { reader } = await started();
    log.append();
    [1, 2].forEach((seq) => log.pruned.add(seq));
    commit();
    await log.answerAll();
    expect([reader.messages, log.asked]).toEqual([[], ['head', 'read 0']]);

    log.pruned.clear();
    commit();
    await log.answerAll();

    expect([reader.rows, reader.verdicts]).toEqual([[1, 2, 3], []]);
  });

  it('reads what a look at the head finds, and nothing where it finds nothing', async () => {
    const { log, feed, started } = setUp(1);
    const { reader } = await started();
    feed.look({ epoch: 'e', seq: 1, earliest: 0 });
    expect(log.asked).toEqual(['head']);

    log.append();
    feed.look({ epoch: 'e', seq: 2, earliest: 0 });
    await log.answerAll();

    expect([reader.rows, replayed(reader)]).toEqual([[2], [false]]);
  });

  it('that leaves in the middle of a delivery gets nothing more', async () => {
    const { started, commit } = setUp();
    const { reader, following } = await started();
    reader.onMessage = () => following.close();

    commit();
    commit();
    following.close();

    expect(reader.rows).toEqual([1]);
  });
});

describe('another epoch', () => {
  it.each(['a message', 'a look at the head'])(
    'that %s shows tells a reader that asked for a position to reload, and it is live from the head',
    async (kind) => {
      const { log, feed, started, commit } = setUp(2);
      const { reader } = await started('e:2');

      log.epoch = 'f';
      if (kind === 'a message') commit();
      else feed.look({ epoch: 'f', seq: log.rows.length, earliest: 0 });
      await log.answerAll();
      const to = `f:${log.rows.length}`;
      commit();

      expect(reader.verdicts).toMatchObject([
        { verdict: 'complete' },
        { verdict: 'reset', reason: 'unknown_epoch', from: 'e:2', to },
      ]);
      expect([reader.rows, replayed(reader)]).toEqual([[log.rows.length], [false]]);
    },
  );

  it('is nothing to a reader that asked for no position: it gets the next number', async () => {
    const { log, started, commit } = setUp(2);
    const { reader } = await started();

    log.epoch = 'f';
    commit();
    commit();

    expect([reader.rows, reader.verdicts, log.asked]).toEqual([[3, 4], [], ['head']]);
  });

  it('that a lower number shows lets such a reader go on from there', async () => {
    const { log, started, commit } = setUp(3);
    const { reader } = await started();

    log.rows.splice(1);
    log.epoch = 'f';
    commit();
    commit();

    expect([reader.rows, reader.verdicts, log.asked]).toEqual([[2, 3], [], ['head']]);
  });

  it('that a look shows puts such a reader to the head, be it lower than its position', async () => {
    const { log, feed, started, commit } = setUp(2);
    const { reader } = await started();

    log.rows.pop();
    log.epoch = 'f';
    feed.look({ epoch: 'f', seq: 1, earliest: 0 });
    commit();

    expect([reader.rows, log.asked]).toEqual([[2], ['head']]);
  });

  it('is found once the reader of an older one asks for the head again, whatever is published meanwhile', async () => {
    const { log, started, commit } = setUp(2);
    const { reader } = await started('e:2');
    log.epoch = 'f';
    commit();
    commit();
    await log.answer();
    commit();
    await log.answerAll();

    expect(reader.verdicts).toMatchObject([{}, { reason: 'unknown_epoch', to: 'f:4' }]);
    expect([reader.verdicts.length, reader.rows]).toEqual([2, [5]]);
  });
});

describe('a reader that catches up', () => {
  it('marks what was there when it came as replayed, and not what came since', async () => {
    const { log, started, commit } = setUp(4);
    const { reader } = await started('e:0');
    await log.answer();
    commit();
    await log.answerAll();

    expect([reader.rows, replayed(reader)]).toEqual([
      [1, 2, 3, 4, 5],
      [true, true, true, true, false],
    ]);
  });

  it('hears meanwhile of what isn’t logged, and reads what is', async () => {
    const { log, started, publish, commit } = setUp(1);
    const { reader } = await started('e:0');

    publish(unlogged());
    commit();
    expect(reader.rows).toEqual([0]);
    await log.answerAll();

    expect(reader.rows).toEqual([0, 1, 2]);
  });

  it('stops where its room ends, in the middle of a page, and goes on from there', async () => {
    const { log, started } = setUp(5);
    const reader = new MemoryReader();
    // The verdict takes a place too.
    reader.room = 3;
    await started('e:0', reader);
    await log.answerAll();
    expect([reader.rows, log.asked]).toEqual([
      [1, 2],
      ['head', 'read 0'],
    ]);

    reader.makeCapacity(Infinity);
    await log.answerAll();

    expect([reader.rows, reader.overruns]).toEqual([[1, 2, 3, 4, 5], 0]);
  });

  it('gives up its turn when the time is over, and goes on in the next one', async () => {
    const { clock, log, started } = setUp(3);
    const reader = new MemoryReader();
    reader.onMessage = ({ isControl }) => !isControl && clock.keepBusy(limits.turnMs);
    await started('e:0', reader);

    await log.answerAll();
    expect(reader.rows).toEqual([1]);
    for (let i = 0; i < 4; i++) {
      clock.pass(0);
      await log.answerAll();
    }

    expect(reader.rows).toEqual([1, 2, 3]);
  });

  it('gets nothing once it has left, whatever the log answers', async () => {
    const { log, started } = setUp(3);
    const { reader, following } = await started('e:0');

    following.close();
    await log.answerAll();

    expect([reader.rows, log.asked]).toEqual([[], ['head', 'read 0']]);
  });

  it('gets nothing after the row at which it leaves', async () => {
    const { log, started } = setUp(5);
    const { reader, following } = await started('e:0');
    reader.onMessage = () => following.close();

    await log.answerAll();

    expect([reader.rows, log.asked]).toEqual([[1], ['head', 'read 0']]);
  });

  it('and left while it had no room, asks for nothing when it has', async () => {
    const { log, started } = setUp(3);
    const reader = new MemoryReader();
    reader.room = 1;
    const { following } = await started('e:0', reader);

    following.close();
    reader.makeCapacity(Infinity);
    await log.answerAll();

    expect([reader.rows, log.asked]).toEqual([[], ['head']]);
  });
});

describe('a log that fails', () => {
  const failure = new Error('The database is away');

  it('is read again after a while, which is told as a fault, and nothing is lost', async () => {
    const { clock, log, faults, started } = setUp(2);
    const { reader } = await started('e:0');
    log.failure = failure;
    await log.answerAll();
    log.failure = undefined;

    clock.pass(999);
    expect([log.asked, faults]).toEqual([['head', 'read 0'], [failure]]);
    clock.pass(1);
    await log.answerAll();

    expect([reader.rows, faults.length, clock.pending]).toEqual([[1, 2], 1, 0]);
  });

  it('while a reader is reset is asked again after a while, for the same reason', async () => {
    const { clock, log, faults, started, commit } = setUp(2);
    const { reader } = await started('e:2');
    log.epoch = 'f';
    log.failure = failure;
    commit();
    await log.answerAll();
    log.failure = undefined;

    clock.pass(999);
    expect([log.asked, faults]).toEqual([['head', 'head'], [failure]]);
    clock.pass(1);
    await log.answerAll();

    expect(reader.verdicts).toMatchObject([{}, { reason: 'unknown_epoch', from: 'e:2', to: 'f:3' }]);
  });

  it.each(['read', 'head'])('at a %s isn’t asked again for a reader that has left', async (question) => {
    const { clock, log, started, commit } = setUp(2);
    const { reader, following } = await started(question === 'read' ? 'e:0' : 'e:2');
    if (question === 'head') {
      log.epoch = 'f';
      commit();
    }
    log.failure = failure;
    await log.answerAll();
    const asked = log.asked.length;

    following.close();
    clock.pass(60_000);
    await log.answerAll();

    expect([log.asked.length, reader.verdicts.length]).toEqual([asked, 1]);
  });

  it('answers a reset that nobody waits for any more without effect', async () => {
    const { log, started, commit } = setUp(2);
    const { reader, following } = await started('e:2');
    log.epoch = 'f';
    commit();

    following.close();
    await log.answerAll();

    expect(reader.verdicts.length).toBe(1);
  });
});
