import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userAddress } from '../broker/address.js';
import { PatternTree } from '../broker/pattern-tree.js';
import { RelayChannels, fnv1a } from './channels.js';

const channels = new RelayChannels({ prefix: 'clinic', userChannels: 1_024 });

describe('the hash of addresses', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
    ['ü', 0x119dd44a],
  ])('of %j is that of FNV-1a, which every node has', (text, hash) => expect(fnv1a(text)).toBe(hash));
});

describe('channels', () => {
  it.each([
    ['/topic/news', /^clinic:1:t\.\d+\.\d+$/],
    ['/user/ada%40example.org/queue/x', /^clinic:1:u\.\d+$/],
    ['/reply-queue/012345678901234567890123', /^clinic:1:r\.\d+$/],
    ['/node/ready/queue/orders', /^clinic:1:q\.\d+$/],
    ['/node/logins.ended', /^clinic:1:n$/],
  ])('carry %s on one of its kind', (address, channel) => expect(channels.of(address)).toMatch(channel));

  it.each(['/queue/orders', '/app/x', '/elsewhere', '/node/'])('carry nothing of %s', (address) =>
    expect(channels.of(address)).toBeUndefined(),
  );

  it('carry all addresses of a user on one', () => {
    const ofAda = ['/queue/notifications', '/queue/inbox', '/topic/x'].map((destination) =>
      channels.of(userAddress('ada@example.org', destination)),
    );

    expect(new Set(ofAda).size).toBe(1);
  });

  it('are at most 64 for a pattern that names its first segment, and all of the topics for one that does not', () => {
    expect(channels.wantedBy('/topic/rooms.*')).toHaveLength(64);
    expect(channels.wantedBy('/topic/**')).toHaveLength(1_024);
    expect(channels.wantedBy('/topic/*/new')).toHaveLength(1_024);
    expect(channels.wantedBy('/topic/news')).toHaveLength(1);
  });

  it('keep clusters of two prefixes apart', () => {
    const other = new RelayChannels({ prefix: 'clinic-2', userChannels: 1_024 });

    expect(channels.wantedBy('/topic/**').some((name) => other.wantedBy('/topic/**').includes(name))).toBe(
      false,
    );
  });

  it('that a pattern listens to carry every address that it matches', () => {
    const separator = fc.constantFrom('/', '.');
    const name = fc.constantFrom('a', 'b', 'rooms', '7', 'ü');
    const segment = fc.tuple(separator, name);
    const address = fc
      .tuple(name, fc.array(segment, { maxLength: 4 }))
      .map(([first, rest]) => `/topic/${first}${rest.map((parts) => parts.join('')).join('')}`);
    const patternOf = (text: string, stars: readonly boolean[], isOpen: boolean): string => {
      const segments = text.match(/[/.][^/.]*/g) ?? [];
      const starred = segments.map((one, i) => (i > 0 && stars[i] ? `${one[0]}*` : one)).join('');
      return isOpen ? `${starred}/**` : starred;
    };
    fc.assert(
      fc.property(address, fc.array(fc.boolean()), fc.boolean(), (text, stars, isOpen) => {
        const pattern = patternOf(text, stars, isOpen);
        const tree = new PatternTree<string>();
        tree.add(pattern, pattern);
        const matched: string[] = [];
        tree.match(text, (one) => matched.push(one));
        expect(matched).toEqual([pattern]);

        expect(channels.wantedBy(pattern)).toContain(channels.of(text));
      }),
    );
  });
});
