import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** One word, two things, on purpose. */
const twice = new Map([
  ['Code', 'the clinic’s are the library’s and more'],
  ['HttpCode', 'the clinic’s are the library’s and more'],
  ['Limits', 'the clinic’s are the library’s and more'],
  ['Refusal', 'the clinic’s is the library’s, with the clinic’s codes'],
  [
    'Conversation',
    'of a client with the broker, and of people: the glossary of ARCHITECTURE.md tells them apart',
  ],
]);

it('no type that src exports has the name of another one', () => {
  const files = new Map<string, string[]>();
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
    for (const name of exportedTypes(readFileSync(`src/${path}`, 'utf8')))
      files.set(name, [...(files.get(name) ?? []), path]);
  }
  const doubles = [...files].filter(([, paths]) => paths.length > 1).map(([name]) => name);

  expect(files.size).toBeGreaterThan(300);
  expect(doubles.toSorted()).toEqual([...twice.keys()].toSorted());
});

function exportedTypes(source: string): string[] {
  const declared = /^export (?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;
  return [...source.matchAll(declared)].map(([, name]) => name!);
}
