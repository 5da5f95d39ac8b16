import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

test.each(['src', 'client/src'])('each exported name of %s says what it is', async (folder) => {
  const files = (await readdir(folder, { recursive: true })).filter((file) => isCode(file));
  const missing = await Promise.all(
    files.map(async (file) => undocumented(file, await readFile(join(folder, file), 'utf8'))),
  );

  expect(missing.flat()).toEqual([]);
});

test('what has no docstring is found', () => {
  const code = `
    /** A cat. */
    export interface Cat {}
    // A dog.
    export class Dog {}
    export const bird = 1;
    export function fish() {}
    const inner = 2;
    export { inner };`;

  expect(undocumented('pets.ts', code)).toEqual(['pets.ts Dog', 'pets.ts bird', 'pets.ts fish']);
});

/** Of components (`.tsx`) their names and props tell it. */
function isCode(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts');
}

function undocumented(file: string, code: string): readonly string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  return source.statements
    .filter((statement) => isExported(statement) && ts.getJSDocCommentsAndTags(statement).length === 0)
    .map((statement) => `${file} ${namesOf(statement)}`);
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function namesOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  return ts.isDeclarationStatement(statement) ? (statement.name?.getText() ?? '') : '';
}
