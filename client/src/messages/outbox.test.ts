import { expect, it } from 'vitest';
import { Outbox, withoutSaid, withRefusal, type Waiting } from './outbox.js';

const waiting: readonly Waiting[] = ['a', 'b'].map((clientId) => ({
  ...{ clientId, conversationId: 7, text: `text ${clientId}`, refusal: null },
}));

function memory(first: string | null = null) {
  let kept = first;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => void (kept = value),
    removeItem: () => void (kept = null),
  };
}

it('what waits outlives a reload, in its order', () => {
  const storage = memory();

  new Outbox(storage, 'x').keep(waiting);

  expect(new Outbox(storage, 'x').load()).toEqual(waiting);
});

it('nothing is kept where nothing waits', () => {
  const storage = memory();
  const outbox = new Outbox(storage, 'x');
  outbox.keep(waiting);

  outbox.keep([]);

  expect(storage.getItem()).toBe(null);
});

it.each(['{', '7', '[7]', '[{"clientId":"a"}]', '{"0":1}'])('what isn’t ours, %s, is nothing', (kept) => {
  expect(new Outbox(memory(kept), 'x').load()).toEqual([]);
});

it('what was said waits no more, whoever tells it', () => {
  expect(withoutSaid(waiting, [{ clientId: 'a', senderId: 1 }], 1)).toEqual([waiting[1]]);
});

it('what somebody else calls the same is another’s', () => {
  expect(withoutSaid(waiting, [{ clientId: 'a', senderId: 2 }], 1)).toBe(waiting);
});

it('a refusal is of one', () => {
  const refused = withRefusal(waiting, 'a', 'Too long.');

  expect(refused.map(({ refusal }) => refusal)).toEqual(['Too long.', null]);
  expect(withRefusal(refused, 'a', null)).toEqual(waiting);
});
