import { expect, it } from 'vitest';
import { initials } from './initials.js';

it.each([
  ['Paula Brandt', 'PB'],
  ['Dr. Amara Osei', 'AO'],
  ['Plato', 'P'],
  ['\u{1F600} M\u00fcller', '\u{1F600}M'],
  ['\u{1F469}\u200D\u2695\uFE0F Weber', '\u{1F469}\u200D\u2695\uFE0FW'],
  ['E\u0301mile Zola', 'E\u0301Z'],
  ['\u{1F1E9}\u{1F1EA} Deutsch', '\u{1F1E9}\u{1F1EA}D'],
  ['\u200B\u200BPaula \u2060Brandt \u200B', 'PB'],
  ['', ''],
])('of %j are %j, in whole characters', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
