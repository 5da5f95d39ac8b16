import { expect, it } from 'vitest';
import { ReadTurns } from './read-turns.js';

/** Questions that the test answers, in the order in which they were begun. */
function setUp() {
  const turns = new ReadTurns({ places: 4, placesPerOwner: 2 });
  const begun: string[] = [];
  const answers: (() => void)[] = [];
  const ask = (owner: string | undefined, name = owner ?? 'node'): Promise<void> =>
    turns.ask(owner, () => {
      begun.push(name);
      return new Promise((resolve) => answers.push(resolve));
    });
  const answer = async (): Promise<void> => {
    answers.shift()?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { ask, answer, begun };
}

it('leaves places to others, however much one owner asks', async () => {
  const { ask, begun } = setUp();
  for (let i = 0; i < 100; i++) void ask('ada');
  void ask('bob');
  void ask(undefined);
  await Promise.resolve();

  expect(begun).toEqual(['ada', 'ada', 'bob', 'node']);
});

it('lets owners take turns, and whoever has none', async () => {
  const { ask, answer, begun } = setUp();
  for (const owner of ['ada', 'bob']) for (let i = 0; i < 100; i++) void ask(owner);
  void ask('eve');
  for (let i = 0; i < 3; i++) void ask(undefined, `node ${i}`);
  await answer();
  begun.length = 0;

  for (let i = 0; i < 6; i++) await answer();

  expect(begun.filter((owner) => owner.startsWith('node') || owner === 'eve')).toEqual([
    'eve',
    'node 0',
    'node 1',
    'node 2',
  ]);
});

it('gives a place back where a question fails', async () => {
  const turns = new ReadTurns({ places: 1, placesPerOwner: 1 });

  await expect(turns.ask('ada', () => Promise.reject(new Error('away')))).rejects.toThrow('away');

  expect(await turns.ask('ada', () => Promise.resolve(7))).toBe(7);
});
