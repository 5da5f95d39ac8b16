import { describe, expect, it } from 'vitest';
import { compareShapes, destinationPattern } from './destination-pattern.js';

describe('a pattern', () => {
  it.each([
    ['/foo/*', '/foo/bar', {}],
    ['/foo/*', '/foo/bar/x', undefined],
    ['/foo/**', '/foo', {}],
    ['/foo/**', '/foo/bar/x', {}],
    ['/foo/**', '/food', undefined],
    ['/foo.*.end', '/foo.bar.end', {}],
    ['/foo.*.end', '/foo.b.c.end', undefined],
    ['/{a}/*/{b}', '/1/2/3', { a: '1', b: '3' }],
    ['/{a}/**', '/x%2Fy/z', { a: 'x%2Fy' }],
    ['/a.b', '/axb', undefined],
  ])('%s on %s gives %j', (pattern, destination, variables) => {
    const match = destinationPattern(pattern).match(destination);

    expect(match && Object.fromEntries(match)).toEqual(variables);
  });

  it.each(['/a{b}', '/{a}b', '/{}', '/a*', '/**/a', '/{a}/{a}', '/***'])('is not %s', (pattern) => {
    expect(() => destinationPattern(pattern)).toThrow(TypeError);
  });

  it('that is more special comes first', () => {
    const shapes = ['/foo/**', '/foo/*', '/foo/{}', '/foo/bar', '/**'];

    expect(shapes.toSorted(compareShapes)).toEqual(['/foo/bar', '/foo/{}', '/foo/*', '/foo/**', '/**']);
  });
});
