import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { expect, it } from 'vitest';
import { de } from './de.js';
import { en } from './en.js';
import { firstSpoken } from './language.js';
import { say } from './say.js';

it.each(Object.keys(en) as (keyof typeof en)[])('%s takes the same values in every language', (key) => {
  expect(valuesOf(parse(de[key]))).toEqual(valuesOf(parse(en[key])));
});

it('has no text in one language alone', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});

it.each([
  [['de-CH', 'en'], 'de'],
  [['fr', 'EN-us', 'de'], 'en'],
  [['fr'], undefined],
  [[], undefined],
])('whoever wishes for %j gets %s', (wishes, language) => {
  expect(firstSpoken(wishes)).toBe(language);
});

function valuesOf(elements: readonly MessageFormatElement[]): string[] {
  const names = elements.flatMap((element): string[] => {
    if (element.type === TYPE.literal || element.type === TYPE.pound) return [];
    if (element.type === TYPE.tag) return [element.value, ...valuesOf(element.children)];
    if (element.type !== TYPE.select && element.type !== TYPE.plural) return [element.value];
    return [element.value, ...Object.values(element.options).flatMap(({ value }) => valuesOf(value))];
  });
  return [...new Set(names)].toSorted();
}

it('a name from right to left turns nothing around it', () => {
  expect(say('en', 'told.wrote', { name: 'נועה' })).toBe('\u2068נועה\u2069 wrote to you.');
});
