import { expect, it } from 'vitest';
import type { Http } from '../api/http.js';
import type { Preferences } from '../api/types.js';
import { Wishes } from './wishes.js';

const loaded = { sound: false, keys: false, kinds: {} } as Preferences;

/** Each request waits until the test answers it, in any order. */
function heldServer() {
  const requests: { method: string; path: string; answer: (body: unknown) => void }[] = [];
  const http: Http = (path, options) =>
    new Promise((resolve) => {
      requests.push({
        method: options?.method ?? 'GET',
        path,
        answer: (body) => resolve(body as never),
      });
    });
  const answer = (method: string, path: string, body: unknown): void => {
    const at = requests.findIndex((one) => one.method === method && one.path.includes(path));
    requests.splice(at, 1)[0]!.answer(body);
  };
  return { http, answer, requests };
}

it('a list that was asked for before a change doesn’t take the change back', async () => {
  const { http, answer } = heldServer();
  const wishes = new Wishes(http);
  const first = wishes.load();
  answer('GET', 'preferences', loaded);
  answer('GET', 'channels', { items: [] });
  await first;
  const second = wishes.load();

  void wishes.change({ sound: true });
  answer('GET', 'preferences', loaded);
  answer('GET', 'channels', { items: [] });
  await second;

  expect(wishes.state.get().preferences?.sound).toBe(true);
});

it('the answer to a change doesn’t take the next one back', async () => {
  const { http, answer, requests } = heldServer();
  const wishes = new Wishes(http);
  const first = wishes.load();
  answer('GET', 'preferences', loaded);
  answer('GET', 'channels', { items: [] });
  await first;

  const sound = wishes.change({ sound: true });
  void wishes.change({ keys: true });
  await expect.poll(() => requests.length).toBe(1);
  answer(requests[0]!.method, 'preferences', { ...loaded, sound: true });
  await sound;

  expect(wishes.state.get().preferences).toMatchObject({ sound: true, keys: true });
});
