import { expect, it } from 'vitest';
import { unavailable, unknownOutcome } from './failure.js';
import { SharedCommits } from './shared-commits.js';

/** Commits of texts, of which the first one with several fails. */
function failing(fault: Error) {
  const commits: (readonly string[])[] = [];
  const shared = new SharedCommits<string, string>(10, async (texts) => {
    commits.push(texts);
    await Promise.resolve();
    if (texts.length > 1) throw fault;
    return texts;
  });
  const added = Promise.allSettled(['alone', 'a', 'b'].map((text) => shared.add(text)));
  return { commits, added };
}

it('tries each call by itself where one may be at fault for all', async () => {
  const { commits, added } = failing(new Error('a row that cannot be'));

  expect(await added).toMatchObject(['alone', 'a', 'b'].map((value) => ({ value })));
  expect(commits).toEqual([['alone'], ['a', 'b'], ['a'], ['b']]);
});

it.each([unavailable(new Error('gone')), unknownOutcome(new Error('cut'))])(
  'tries nothing again of which nobody knows whether it is stored: $message',
  async (refusal) => {
    const { commits, added } = failing(refusal);

    expect(await added).toMatchObject([{ value: 'alone' }, { reason: refusal }, { reason: refusal }]);
    expect(commits).toEqual([['alone'], ['a', 'b']]);
  },
);
