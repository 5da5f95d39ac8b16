import { expect, it } from 'vitest';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryReader } from '../testing/memory-reader.js';
import { ADDRESS, PatientLog } from '../testing/patient-log.js';
import type { Receiver } from './deliveries.js';
import { Feeds } from './feeds.js';

/** A node where one address has a log, or each of several its own. */
function setUp(addresses: readonly string[] = [ADDRESS]) {
  const clock = new FakeClock();
  const logs = new Map(addresses.map((address) => [address, new PatientLog()]));
  const faults: unknown[] = [];
  const bounds = { ...limits, feedPageMessages: 3, storeRetryMs: 500 };
  const feeds = new Feeds(
    (address) => logs.get(address),
    clock,
    bounds,
    (error) => faults.push(error),
  );
  const log = logs.get(addresses[0] ?? '') ?? new PatientLog();
  const follow = async (since?: string, address = ADDRESS) => {
    const reader = new MemoryReader();
    const following = feeds.follow(address, since);
    await logs.get(address)?.answer();
    await following.opened;
    following.start(reader);
    return { reader, close: () => following.close() };
  };
  return { clock, logs, log, feeds, faults, follow };
}

it('has the addresses that have a log, and refuses to follow another', () => {
  const { feeds } = setUp();

  expect([feeds.has(ADDRESS), feeds.has('/topic/a')]).toEqual([true, false]);
  expect(() => feeds.follow('/topic/a', undefined)).toThrow(new RangeError('/topic/a has no log'));
});

it('gives each verdict an id of its own', async () => {
  const { follow } = setUp();
  const [one, two] = [await follow('e:0'), await follow('e:0')];

  expect([one, two].map(({ reader }) => reader.messages[0]?.id)).toEqual(['resume-1', 'resume-2']);
});

it('reads pages of the size that is set, and once for readers that read the same', async () => {
  const { log, feeds } = setUp();
  for (let i = 0; i < 4; i++) log.append();
  const readers = [new MemoryReader(), new MemoryReader()];
  const followings = readers.map(() => feeds.follow(ADDRESS, 'e:0'));
  await log.answerAll();

  followings.forEach((following, i) => following.start(readers[i] ?? new MemoryReader()));
  await log.answerAll();

  expect(readers.map(({ rows }) => rows)).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
  expect(log.asked).toEqual(['head', 'head', 'read 0', 'read 3']);
});

it('asks for the head twice, however many readers open while it is asked', async () => {
  const { log, feeds } = setUp();
  const followings = Array.from({ length: 100 }, () => feeds.follow(ADDRESS, undefined));
  log.append();

  await log.answerAll();

  expect(new Set(await Promise.all(followings.map(({ opened }) => opened)))).toEqual(new Set(['e:1']));
  expect(log.asked).toEqual(['head', 'head']);
});

it('tries again after the time that is set, and tells the fault', async () => {
  const { clock, log, faults, follow } = setUp();
  log.append();
  const { reader } = await follow('e:0');
  log.failure = new Error('away');
  await log.answerAll();
  log.failure = undefined;

  clock.pass(500);
  await log.answerAll();

  expect([faults.length, reader.rows]).toEqual([1, [1]]);
});

it('hands a message to the readers of its address that are there, not to those that have left', async () => {
  const { log, feeds, follow } = setUp([ADDRESS, '/user/bob/queue/notifications']);
  const [ada, gone] = [await follow(), await follow()];
  const bob = await follow(undefined, '/user/bob/queue/notifications');

  gone.close();
  gone.close();
  feeds.publish(log.append());

  expect([ada, gone, bob].map(({ reader }) => reader.rows)).toEqual([[1], [], []]);
});

it('leaves a message to whoever takes its reader for later, which has it in order all the same', async () => {
  const { log, feeds, follow } = setUp();
  const [{ reader }, other] = [await follow(), await follow()];
  const taken: Receiver[] = [];
  const first = log.append();

  feeds.publish(first, (receiver) => taken.length === 0 && taken.push(receiver) > 0);
  expect([reader.rows, other.reader.rows]).toEqual([[], [1]]);
  taken[0]?.deliver(first);

  expect([reader.rows, log.asked]).toEqual([[1], ['head', 'head']]);
});

it('knows the number of a message that is left for later: who comes meanwhile reads it', async () => {
  const { log, feeds, follow } = setUp();
  await follow();
  const late = new MemoryReader();
  const following = feeds.follow(ADDRESS, undefined);
  await log.answer();
  feeds.publish(log.append(), () => true);

  following.start(late);
  await log.answerAll();

  expect(late.rows).toEqual([1]);
});

it('looks at the heads as long as anybody reads anything', async () => {
  const bob = '/user/bob/queue/notifications';
  const { clock, logs, log, follow } = setUp([ADDRESS, bob]);
  const [one, two, three] = [await follow(), await follow(), await follow(undefined, bob)];
  one.close();
  three.close();
  const others = logs.get(bob)?.asked.length;
  expect(clock.pending).toBe(1);

  log.append();
  clock.pass(limits.headsEveryMs);
  await log.answerAll();
  expect([one.reader.rows, two.reader.rows, logs.get(bob)?.asked.length]).toEqual([[], [1], others]);
  two.close();

  expect(clock.pending).toBe(0);
});

it('looks at the heads of all logs that are read, each for its own readers', async () => {
  const [first, second, third] = ['/user/a/queue/x', '/user/b/queue/x', '/user/c/queue/x'];
  const { clock, logs, follow } = setUp([first, second, third]);
  const one = await follow(undefined, first);
  const two = await follow(undefined, second);
  logs.forEach((log) => log.append());

  clock.pass(limits.headsEveryMs);
  await logs.get(first)?.answerAll();
  clock.pass(100);
  // The look goes on to the second log.
  await new Promise(setImmediate);
  await logs.get(second)?.answerAll();

  expect([one.reader.rows, two.reader.rows, logs.get(third)?.asked]).toEqual([[1], [1], []]);
});

it('begins anew with an address that nobody read for a while', async () => {
  const { log, feeds, follow } = setUp();
  const first = await follow();
  feeds.publish(log.append());
  first.close();
  log.rows.pop();
  log.epoch = 'f';

  const second = await follow();
  first.close();
  feeds.publish(log.append());

  expect([first.reader.rows, second.reader.rows, log.asked]).toEqual([[1], [1], ['head', 'head']]);
});

it('notes in the log which rows were acknowledged; a verdict is no row, and what has no position neither', async () => {
  const { log, feeds } = setUp();
  const rows = [
    { position: { epoch: 'e', seq: 0 }, isControl: true as const },
    { position: { epoch: 'e', seq: 3 } },
    {},
    { position: { epoch: 'e', seq: 5 } },
  ];

  await feeds.delivered(ADDRESS, rows, 'ada');

  expect(log.noted).toEqual([[3, 5]]);
  expect(feeds.delivered(ADDRESS, rows.slice(0, 1), 'ada')).toBeUndefined();
  expect(feeds.delivered('/topic/a', rows, 'ada')).toBeUndefined();
  expect(log.noted.length).toBe(1);
});
