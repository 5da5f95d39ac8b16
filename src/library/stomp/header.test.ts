import { describe, expect, it } from 'vitest';
import { escape, unescape } from './header.js';

describe('STOMP 1.2, Value Encoding', () => {
  it.each([
    ['\\r', '\r'],
    ['\\n', '\n'],
    ['\\c', ':'],
    ['\\\\', '\\'],
    ['a\\c b', 'a: b'],
    ['\\\\n', '\\n'],
    ['\\\\\\n', '\\\n'],
    ['https\\c//example.org', 'https://example.org'],
    ['nothing to say', 'nothing to say'],
    ['', ''],
  ])('%j on the wire means %j', (wire, text) => {
    expect(unescape(wire, '1.2')).toBe(text);
    expect(escape(text, '1.2')).toBe(wire);
  });

  it.each([
    '\\t',
    '\\x',
    '\\',
    'at the end\\',
    '\\ ',
    '\\R',
    '\\N',
    '\\:',
    '\\\n',
    'fine\\n, then \\0',
    '\\\u{1F514}',
  ])('%j has an undefined escape', (wire) => {
    expect(unescape(wire, '1.2')).toBeUndefined();
  });
});

describe('STOMP 1.1, Value Encoding', () => {
  it('has no escape for CR: it is data, and \\r is undefined', () => {
    expect(escape('a\rb', '1.1')).toBe('a\rb');
    expect(unescape('a\rb\\n', '1.1')).toBe('a\rb\n');
    expect(unescape('a\\rb', '1.1')).toBeUndefined();
  });

  it.each([
    ['\\n', '\n'],
    ['\\c', ':'],
    ['\\\\', '\\'],
  ])('%j on the wire means %j', (wire, text) => {
    expect(unescape(wire, '1.1')).toBe(text);
    expect(escape(text, '1.1')).toBe(wire);
  });
});

describe('STOMP 1.0', () => {
  it.each(['\\n', '\\t', 'a:b', '\\', 'C:\\new'])('has no escapes: %j is itself', (text) => {
    expect(unescape(text, '1.0')).toBe(text);
    expect(escape(text, '1.0')).toBe(text);
  });
});
