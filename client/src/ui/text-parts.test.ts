import { expect, it } from 'vitest';
import { partsOf } from './text-parts.js';

const linksOf = (text: string) => partsOf(text).flatMap(({ url }) => url ?? []);

it.each([
  ['See https://clinic.example/diet.', ['https://clinic.example/diet']],
  [
    '(https://clinic.example/a_(b)) and http://b.example?x=1&y=2!',
    ['https://clinic.example/a_(b))', 'http://b.example?x=1&y=2'],
  ],
  ['(see https://clinic.example)', ['https://clinic.example']],
  ['HTTPS://CLINIC.EXAMPLE', ['HTTPS://CLINIC.EXAMPLE']],
  ['javascript:alert(1) data:text/html,x <a href="https://x.example">y</a>', ['https://x.example']],
  ['https:// and http://', []],
  ['', []],
])('of %j the links are %j', (text, links) => {
  expect(linksOf(text)).toEqual(links);
});

it('loses nothing of the text', () => {
  const text = 'One https://a.example, two\nhttps://b.example. <b>three</b>';
  expect(
    partsOf(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});
