import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const library = /^src\/library\//;

describe('the exports of the package', () => {
  it('hold all that the product’s own rooms use of the library', async () => {
    const exported = new Set<string>();
    for (const file of await sourcesOf('src/library/exports')) {
      for (const name of await namesIn(file, ts.isExportDeclaration)) exported.add(name);
    }
    const product = (await sourcesOf('src')).filter(
      (file) => !library.test(file) && !file.startsWith('src/library/exports/'),
    );

    const lacking = new Set<string>();
    for (const file of product) {
      for (const name of await namesIn(file, ts.isImportDeclaration)) {
        if (library.test(name.split(' ')[0] ?? '') && !exported.has(name)) lacking.add(`${name} (${file})`);
      }
    }

    expect(product.length).toBeGreaterThan(50);
    expect([...lacking]).toEqual([]);
  });

  it('are the files of src/library/exports', async () => {
    const files = (await sourcesOf('src/library/exports')).map((file) =>
      file.slice('src/library/exports/'.length, -'.ts'.length),
    );

    const named = Object.values((await manifestIn('src/library')).exports)
      .flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]))
      .flatMap((path) => /^\.\/lib\/src\/library\/exports\/(.*)\.js$/.exec(path)?.slice(1) ?? []);
    expect(named.toSorted()).toEqual(files.toSorted());
  });

  it('ask for the versions that this project is tested with', async () => {
    const { dependencies: used, devDependencies } = await manifestIn('.');
    const tested = { ...devDependencies, ...used };
    const { dependencies, peerDependencies } = await manifestIn('src/library');

    for (const [name, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
      // Nest's `internal` entries may change with any minor version, and `nest/` imports from them.
      expect([name, range]).toEqual([name, `${name.startsWith('@nestjs/') ? '~' : '^'}${tested[name]}`]);
    }
  });
});

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function sourcesOf(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(folder, path));
}

/** `file name` of each name that a file imports or exports again. */
async function namesIn(
  file: string,
  isOne: (node: ts.Node) => node is ts.ImportDeclaration | ts.ExportDeclaration,
): Promise<string[]> {
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.ES2023);
  return source.statements.filter(isOne).flatMap((statement) => {
    const from = statement.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return [];
    const target = normalize(join(dirname(file), from.text)).replace(/\.js$/, '.ts');
    const named = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : statement.exportClause;
    if (!named || !('elements' in named)) return [`${target} *`];
    return [...named.elements].map(({ name, propertyName }) => `${target} ${(propertyName ?? name).text}`);
  });
}
