import { expect, it, vi } from 'vitest';
import type { Call, Http } from '../api/http.js';
import { Unreachable } from '../api/problem.js';
import { Messages } from './messages.js';
import { Outbox } from './outbox.js';

const realtime = { subscribe: () => () => undefined, canSend: false, send: () => Promise.resolve() };
const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** A server that is told of each text, and answers when it is let. */
function begin() {
  const asked: { text: unknown; fail: (error: Error) => void }[] = [];
  const http: Http = (_path: string, { method, body }: Call = {}) =>
    method === 'POST'
      ? new Promise((_, fail) => asked.push({ text: (body as { text: unknown }).text, fail }))
      : Promise.resolve({ items: [], next: null } as never);
  const messages = new Messages(http, realtime, 1, new Outbox(storage, 'x'), { onHeard: () => undefined });
  return { asked, messages, end: messages.start() };
}

it('what a lost answer leaves open is sent again, before what was written later', async () => {
  vi.useFakeTimers();
  const { asked, messages } = begin();
  messages.say(7, 'first');
  messages.say(7, 'second');

  asked[0]?.fail(new Unreachable('perhaps'));
  await vi.advanceTimersByTimeAsync(5_000);

  expect(asked.map(({ text }) => text)).toEqual(['first', 'first']);
  vi.useRealTimers();
});

it('nothing is sent after the end, when somebody else may be signed in', async () => {
  vi.useFakeTimers();
  const { asked, messages, end } = begin();
  messages.say(7, 'first');

  end();
  asked[0]?.fail(new Unreachable('perhaps'));
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked).toHaveLength(1);
  vi.useRealTimers();
});
