import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from './address.js';
import { covers, isValidPattern, segmentsOverlap } from './pattern.js';
import { PatternTree } from './pattern-tree.js';

describe('a pattern', () => {
  it.each([
    ['/topic/news', true],
    ['/topic/*', true],
    ['/topic/*/a.*', true],
    ['/topic/**', true],
    ['/topic/a.**', true],
    ['/topic/a*', false],
    ['/topic/**/a', false],
    ['/topic/***', false],
  ])('%s is valid: %s', (pattern, isValid) => {
    expect(isValidPattern(pattern)).toBe(isValid);
  });

  it.each([
    ['/topic/a/*', true],
    ['/topic/a/**', true],
    ['/topic/a.b.*', false],
  ])('%s is within a limit of three segments: %s', (pattern, isValid) => {
    expect(isValidPattern(pattern, 3)).toBe(isValid);
  });

  it.each([
    ['/topic/*', '/topic/a', true],
    ['/topic/*', '/topic/a/b', false],
    ['/topic/*', '/topic/a.b', false],
    ['/topic/a.*', '/topic/a.b', true],
    ['/topic/a.*', '/topic/a/b', false],
    ['/topic/PRICE.STOCK.*.IBM', '/topic/PRICE.STOCK.NASDAQ.IBM', true],
    ['/topic/**', '/topic/a.b/c', true],
    ['/topic/a/**', '/topic/a', true],
    ['/topic/a/**', '/topic/a.b', false],
    ['/topic/a.**', '/topic/a.b/c', true],
    ['/topic/a', '/topic/A', false],
  ])('%s matches %s: %s', (pattern, address, matches) => {
    expect(covers(pattern, address)).toBe(matches);
    expect(matched([pattern], address)).toEqual(matches ? [pattern] : []);
  });

  it.each([
    ['/topic/**', '/topic/*', true],
    ['/topic/**', '/topic/a/**', true],
    ['/topic/*', '/topic/*', true],
    ['/topic/*', '/topic/**', false],
    ['/topic/*', '/topic/*/*', false],
    ['/topic/a', '/topic/*', false],
    ['/topic/a/*', '/topic/*/*', false],
  ])('%s as a grant covers the pattern %s: %s', (grant, pattern, isCovered) => {
    expect(covers(grant, pattern)).toBe(isCovered);
  });
});

const segment = fc
  .tuple(fc.constantFrom('/', '.'), fc.constantFrom('a', 'b', '*'))
  .map((pair) => pair.join(''));
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/**', '.**'))
  .map(([segments, end]) => `/topic${segments.join('')}${end}`);
const address = fc
  .array(
    fc.tuple(fc.constantFrom('/', '.'), fc.constantFrom('a', 'b')).map((pair) => pair.join('')),
    { minLength: 1, maxLength: 5 },
  )
  .map((segments) => `/topic${segments.join('')}`);

describe('the tree of patterns', () => {
  it('finds just those that match, each once, after any additions and removals', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern), fc.uniqueArray(pattern), address, (kept, removed, published) => {
        const gone = removed.filter((one) => !kept.includes(one));
        expect(matched(kept, published, gone)).toEqual(
          kept.filter((one) => covers(one, published)).toSorted(),
        );
      }),
    );
  });

  it('keeps no branch of what was removed', () => {
    const tree = new PatternTree<number>();
    tree.add('/topic/a/*/b', 1);
    tree.delete('/topic/a/*/b', 1);

    expect(tree.isEmpty).toBe(true);
  });

  it('keeps the branch of a pattern while others go on from it, and what is left of it when they are removed', () => {
    const tree = new PatternTree<string>();
    tree.add('/topic/a', 'short');
    tree.add('/topic/a/*', 'long');
    expect(tree.isEmpty).toBe(false);

    tree.delete('/topic/a/*', 'long');
    expect(found(tree, '/topic/a')).toEqual(['short']);
    tree.delete('/topic/a', 'short');

    expect(tree.isEmpty).toBe(true);
  });

  it('keeps a pattern for the one who stays when another who asked for it leaves', () => {
    const tree = new PatternTree<string>();
    tree.add('/topic/*', 'ada');
    tree.add('/topic/*', 'bob');

    tree.delete('/topic/*', 'ada');

    expect(found(tree, '/topic/a')).toEqual(['bob']);
  });

  it('is left as it is by the removal of a pattern that it doesn’t hold', () => {
    const tree = new PatternTree<string>();
    tree.add('/topic/a', 'ada');

    tree.delete('/topic/b/c', 'ada');
    tree.delete('/topic/a', 'bob');

    expect(found(tree, '/topic/a')).toEqual(['ada']);
  });
});

describe('two patterns', () => {
  it('overlap just when some address is matched by both', () => {
    const addresses = paths(['/a', '/b', '.a', '.b'], 4);
    const some = paths(['/a', '/b', '.a', '/*', '.*'], 2).flatMap((path) => [
      path,
      `${path}/**`,
      `${path}.**`,
    ]);
    const matches = new Map(some.map((one) => [one, new Set(addresses.filter((path) => covers(one, path)))]));
    for (const one of some) {
      const own = matches.get(one)!;
      const overlapping = some.filter((other) => segmentsOverlap(segmentsOf(one), segmentsOf(other)));
      const expected = some.filter((other) => [...own].some((path) => matches.get(other)!.has(path)));
      expect({ one, overlapping }).toEqual({ one, overlapping: expected });
    }
  });
});

describe('a grant', () => {
  it('covers a pattern only when it matches every address which that pattern matches', () => {
    const addresses = paths(['/a', '/b', '.a'], 3);
    const asked = paths(['/a', '.a', '/*', '.*'], 2).flatMap((path) => [path, `${path}/**`, `${path}.**`]);
    for (const grant of asked) {
      for (const pattern of asked.filter((one) => covers(grant, one))) {
        const escaped = addresses.filter((one) => covers(pattern, one) && !covers(grant, one));
        expect({ grant, pattern, escaped }).toEqual({ grant, pattern, escaped: [] });
      }
    }
  });
});

function paths(segments: readonly string[], depth: number): string[] {
  if (depth === 0) return ['/topic'];
  const shorter = paths(segments, depth - 1);
  return [...new Set(shorter.flatMap((path) => [path, ...segments.map((one) => path + one)]))];
}

function matched(patterns: readonly string[], published: string, removed: readonly string[] = []): string[] {
  const tree = new PatternTree<string>();
  for (const one of [...patterns, ...removed]) tree.add(one, one);
  for (const one of removed) tree.delete(one, one);
  return found(tree, published);
}

function found(tree: PatternTree<string>, published: string): string[] {
  const values: string[] = [];
  tree.match(published, (one) => values.push(one));
  return values.toSorted();
}
