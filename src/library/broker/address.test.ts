import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { isReplyAddress, kindOf, newReplyAddress, segmentsOf, userAddress } from './address.js';

test.each([
  ['ada@example.org', '/user/ada%40example.org/queue/x'],
  ['a.d-a_1@example.org', '/user/a.d-a_1%40example.org/queue/x'],
  ['ada+news@example.org', '/user/ada%2Bnews%40example.org/queue/x'],
  ['a@b@c', '/user/a%40b%40c/queue/x'],
  ['a/b@c', '/user/a%2Fb%40c/queue/x'],
  ['a@b\n', '/user/a%40b%0A/queue/x'],
  ['*', '/user/%2A/queue/x'],
  ['ü@example.org', '/user/%C3%BC%40example.org/queue/x'],
])('the address of the user %j is %s', (name, address) => {
  expect(userAddress(name, '/queue/x')).toBe(address);
});

test('each user has an address of his own, in which the name is one segment and no pattern', () => {
  const names = fc.oneof(fc.emailAddress(), fc.string(), fc.stringMatching(/^[\w.@*/-]{0,6}$/));

  fc.assert(
    fc.property(names, (name) => {
      const segment = /^\/user\/([^/*]*)\/queue\/x$/.exec(userAddress(name, '/queue/x'))?.[1];

      expect(decodeURIComponent(segment ?? '/')).toBe(name);
    }),
  );
});

test.each([
  ['/topic/x', 'topic'],
  ['/queue/x/y', 'queue'],
  ['/user/ada/queue/x', 'user'],
  ['/app/x', 'app'],
  ['/topic/', undefined],
  ['/topicality/x', undefined],
  ['topic/x', undefined],
  ['', undefined],
])('the kind of %j is %s', (destination, kind) => {
  expect(kindOf(destination)).toBe(kind);
});

test('reply addresses are told from others, and no two are the same', () => {
  const [one, other] = [newReplyAddress(), newReplyAddress()];

  expect([isReplyAddress(one), isReplyAddress(other), one === other]).toEqual([true, true, false]);
  expect(kindOf(one)).toBe('reply-queue');
  expect(['/reply-queue/', '/reply-queue/short', `${one}x`, `/queue${one}`].filter(isReplyAddress)).toEqual(
    [],
  );
});

test.each<[string, string[]]>([
  ['/topic/a.b', ['/topic', '/a', '.b']],
  ['/topic//a', ['/topic', '/', '/a']],
  ['topic/news', ['topic', '/news']],
  ['news', ['news']],
  ['', []],
])('%j has the segments %j', (address, segments) => {
  expect(segmentsOf(address)).toEqual(segments);
});
