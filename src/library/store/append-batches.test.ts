import { setImmediate } from 'node:timers/promises';
import { QueryFailedError } from 'typeorm';
import { beforeEach, describe, expect, it } from 'vitest';
import { ledger } from '../../../test/things.js';
import { AppendBatches } from './append-batches.js';
import type { Append } from './appends.js';
import { unavailable, unknownOutcome } from './failure.js';
import { AppendsRefused, type ToldAppends } from './postgres-transaction.js';

/** Transactions that end when they are told to. */
class Commits {
  readonly begun: Begun[] = [];

  readonly commit = (appends: readonly Append[]): Promise<ToldAppends> =>
    new Promise((resolve, reject) => {
      this.begun.push({
        appends,
        end: () => resolve(new Map(appends.map((append) => [append, Promise.resolve()]))),
        fail: reject,
      });
    });

  get drafts(): string[] {
    return this.begun.map(({ appends }) => appends.map(({ draft }) => draft).join(''));
  }
}

interface Begun {
  readonly appends: readonly Append[];
  end(): void;
  fail(error: Error): void;
}

let together: Commits;
let alone: Commits;
let batches: AppendBatches;
let answers: string[];

beforeEach(() => {
  [together, alone, answers] = [new Commits(), new Commits(), []];
  batches = batchesOf(256);
});

const batchesOf = (writeBatch: number) => new AppendBatches(together.commit, alone.commit, { writeBatch });

/** A unit with a draft for each letter; notes how it ends. */
function add(drafts: string, owner = ''): void {
  const appends = drafts.split('').map((draft): Append => ({ to: ledger, draft }));
  batches.add(appends, owner).then(
    () => answers.push(drafts),
    (error: Error) => answers.push(`${drafts}: ${error.message}`),
  );
}

/** What was begun comes as far as it can. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await setImmediate();
}

const failed = (code: string) =>
  new QueryFailedError('insert', [], Object.assign(new Error(`failed with ${code}`), { code }));

describe('batches of appends', () => {
  it('take what comes in one turn of the loop, and what comes during a batch is the next', async () => {
    add('a');
    add('b');
    await settle();
    add('c');
    add('d');
    await settle();
    expect(together.drafts).toEqual(['ab']);

    together.begun[0]?.end();
    await settle();

    expect(answers).toEqual(['a', 'b']);
    expect(together.drafts).toEqual(['ab', 'cd']);
  });

  it('begin again after nothing was left', async () => {
    add('a');
    await settle();
    together.begun[0]?.end();
    await settle();

    add('b');
    await settle();

    expect(together.drafts).toEqual(['a', 'b']);
  });

  it('have their number of drafts, and all drafts of a unit', async () => {
    batches = batchesOf(3);
    for (const drafts of ['a', 'b', 'cd', 'e']) add(drafts);
    await settle();
    together.begun[0]?.end();
    await settle();

    expect(together.drafts).toEqual(['abcd', 'e']);
  });

  it('let owners take turns', async () => {
    batches = batchesOf(3);
    for (const drafts of ['a', 'b', 'c']) add(drafts, 'ada');
    add('x', 'bob');
    await settle();

    expect(together.drafts).toEqual(['axb']);
  });

  it('refuse a unit whose draft is refused, and run the others again', async () => {
    for (const drafts of ['a', 'bc', 'd']) add(drafts);
    await settle();
    const [, , c] = together.begun[0]?.appends ?? [];
    together.begun[0]?.fail(new AppendsRefused(new Map([[c!, new Error('no')]])));
    await settle();

    expect(together.drafts).toEqual(['abcd', 'ad']);
    expect(answers).toEqual(['bc: no']);
    together.begun[1]?.end();
    await settle();
    expect(answers).toEqual(['bc: no', 'a', 'd']);
  });

  it('refuse everybody where everybody is refused, and go on', async () => {
    add('a');
    await settle();
    const [a] = together.begun[0]?.appends ?? [];
    together.begun[0]?.fail(new AppendsRefused(new Map([[a!, new Error('no')]])));
    await settle();
    add('b');
    await settle();

    expect(answers).toEqual(['a: no']);
    expect(together.drafts).toEqual(['a', 'b']);
  });

  it('let each unit go on alone after a statement that failed, once, and wait for none', async () => {
    for (const drafts of ['a', 'b', 'c']) add(drafts);
    await settle();
    together.begun[0]?.fail(failed('22001'));
    await settle();
    add('d');
    await settle();

    expect(alone.drafts).toEqual(['a', 'b', 'c']);
    expect(together.drafts).toEqual(['abc', 'd']);
    alone.begun[1]?.fail(failed('22001'));
    alone.begun[0]?.end();
    const [c] = alone.begun[2]?.appends ?? [];
    alone.begun[2]?.fail(new AppendsRefused(new Map([[c!, new Error('no')]])));
    await settle();
    expect(answers.toSorted()).toEqual(['a', 'b: failed with 22001', 'c: no']);
    expect(alone.drafts).toHaveLength(3);
  });

  it('fail a unit that was by itself already', async () => {
    add('a');
    await settle();
    together.begun[0]?.fail(failed('22001'));
    await settle();

    expect(answers).toEqual(['a: failed with 22001']);
    expect(alone.drafts).toEqual([]);
  });

  it('let even a single unit go on alone that was held up by somebody', async () => {
    add('a');
    await settle();
    together.begun[0]?.fail(failed('55P03'));
    await settle();

    expect(alone.drafts).toEqual(['a']);
    expect(answers).toEqual([]);
  });

  it.each([
    ['the database is away', unavailable(new Error('away')), "The database can't do this now"],
    ['it is shutting down', failed('57P01'), "The database can't do this now"],
    ['nobody knows what became of its COMMIT', unknownOutcome(new Error('cut')), "The database didn't say"],
  ])('fail all, and try none again, where %s', async (_, error, message) => {
    add('a');
    add('b');
    await settle();
    together.begun[0]?.fail(error);
    await settle();

    expect(answers).toEqual([expect.stringContaining(`a: ${message}`), expect.stringContaining('b: ')]);
    expect(alone.drafts).toEqual([]);
  });
});
