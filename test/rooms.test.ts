import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Imports of one file each: what its room's rule must refuse, and what it must let pass. */
interface Row {
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

interface Rule {
  readonly imports: readonly string[];
  readonly only?: readonly string[];
  readonly never?: readonly string[];
}

const houses = JSON.parse(readFileSync('rooms.json', 'utf8')) as Record<string, Record<string, Rule>>;

const table: Record<string, Row> = {};
for (const [house, rooms] of Object.entries(houses))
  for (const room of Object.keys(rooms)) table[`src/${house}/${room}`] = rowOf(house, room);

// What the table says in words of its own, held here so that it isn't widened by accident.
const pure = ['node:net', 'ws', '@nestjs/common', 'typeorm', 'zod', 'pino'];
add('src/library/stomp', { refused: pure });
add('src/library/broker', { refused: pure });
add('src/library/session', { refused: pure, allowed: ['node:crypto', 'node:buffer'] });
add('src/library/transport', {
  refused: ['@nestjs/common', 'typeorm'],
  allowed: ['node:net', 'ws', '../network.js', '../shares.js'],
});
add('src/library/nest', {
  refused: ['typeorm', '@nestjs/typeorm', '../network.js'],
  allowed: ['@nestjs/common', '../shares.js', '../json-bounds.js'],
});
add('src/library/store', {
  refused: ['../transport/websocket.js'],
  allowed: ['typeorm', '@nestjs/common', '../transport/system-clock.js'],
});
add('src/library/exports', {
  refused: ['../../../migrations/1763700000000-people.js'],
  allowed: ['../../../migrations/1735689600000-inbox.js', '../../../migrations/1763700000002-queues.js'],
});
add('src/library/testing', { allowed: ['@nestjs/common'] });
add('src/clinic/http', { refused: ['typeorm'], allowed: ['zod', '@nestjs/common'] });
add('src/clinic/auth', {
  refused: ['../../library/session/session.js', '../../library/broker/broker.js'],
  allowed: ['../../library/session/ports.js', '../../library/broker/address.js', '../../library/shares.js'],
});
add('src/clinic/appointments', {
  refused: ['../users/user.entity.js'],
  allowed: ['../users/users.service.js', '../notifications/notifications.module.js'],
});
for (const leaf of ['errors', 'limits', 'network', 'shares', 'json-bounds'])
  add(`src/library/${leaf}.ts`, { refused: ['./broker/broker.js'] });
add('src/clinic/errors.ts', { refused: ['./http/problem.js'] });
add('src/clinic/limits.ts', { refused: ['zod'] });
add('src/config.ts', { refused: ['./clinic/auth/tokens.js'] });
const sharedLeaves = ['appointments/status', 'appointments/cell-length', 'text-lengths'];
for (const leaf of sharedLeaves)
  add(`src/clinic/${leaf}.ts`, { refused: ['./cells.js', '../errors.js', 'typeorm', 'zod', 'node:buffer'] });
add('client', {
  refused: [
    '../src/library/errors.js',
    '../src/clinic/appointments/cells.js',
    // The name alone opens nothing.
    '../src/library/broker/status.js',
  ],
  allowed: ['./own.js', 'react', ...sharedLeaves.map((leaf) => `../src/clinic/${leaf}.js`)],
});
add('client/src/day', {
  refused: ['../../../src/clinic/appointments/appointments.service.js'],
  allowed: sharedLeaves.map((leaf) => `../../../src/clinic/${leaf}.js`),
});
add('client/sdk', { refused: ['../../src/library/broker/message.js'] });

const violations: [what: string, rule: string, files: Record<string, string>][] = [
  [
    'a dynamic import',
    'no-restricted-imports',
    { 'src/library/broker/dynamic.ts': `export const x = import('../session/x.js');` },
  ],
  [
    'a type import',
    'no-restricted-imports',
    { 'src/library/broker/type.ts': `import type { X } from '../session/x.js';\nexport const x: X = 1;` },
  ],
  [
    'a re-export',
    'no-restricted-imports',
    { 'src/library/broker/again.ts': `export { x } from '../session/x.js';` },
  ],
  ['a side effect', 'no-restricted-imports', { 'src/library/broker/effect.ts': `import '../session/x.js';` }],
  [
    'a barrel',
    'no-barrel-file',
    {
      'src/library/broker/index.ts': `export * from './own.js';`,
      'src/library/broker/own.ts': 'export const own = 1;',
    },
  ],
  [
    'a cycle of types',
    'no-cycle',
    {
      'src/clinic/users/one.ts': `import type { Two } from './two.js';\nexport type One = Two | 1;`,
      'src/clinic/users/two.ts': `import type { One } from './one.js';\nexport type Two = One | 2;`,
    },
  ],
  [
    'a setting read outside of config.ts',
    'no-process-env',
    { 'src/clinic/auth/env.ts': 'export const port = process.env.PORT;' },
  ],
  ['a print', 'no-console', { 'src/clinic/auth/print.ts': `console.log('x');` }],
  ['any', 'no-explicit-any', { 'src/clinic/auth/any.ts': 'export const x: any = 1;' }],
  [
    'a promise without owner',
    'no-floating-promises',
    { 'src/clinic/auth/floating.ts': 'async function work() {}\nwork();' },
  ],
  [
    'a promise where a value is asked for',
    'no-misused-promises',
    { 'src/clinic/auth/misused.ts': `[1].forEach(async () => {});` },
  ],
];

/** `file rule` of every complaint about the tree, which is linted once for all cases. */
let complaints: Set<string>;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'carillon-rooms-'));
  for (const file of ['oxlint.config.mjs', 'rooms.json']) await copyFile(file, join(root, file));
  await writeFile(
    join(root, 'tsconfig.json'),
    '{"compilerOptions":{"strict":true,"module":"nodenext","target":"es2023"}}',
  );
  for (const [place, { refused, allowed }] of Object.entries(table))
    for (const specifier of [...refused, ...allowed])
      await write(pathOf(place, specifier), `import { x } from '${specifier}';\nexport const y = x;`);
  for (const [, , files] of violations)
    for (const [path, text] of Object.entries(files)) await write(path, text);
  await write('client/types.ts', `import type { X } from '../src/clinic/http/x.js';\nexport const x: X = 1;`);

  complaints = await lint(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe('the linter', () => {
  it.each(Object.entries(table))('holds the imports of %s', (place, { refused, allowed }) => {
    const isRefused = (specifier: string) =>
      complaints.has(`${pathOf(place, specifier)} no-restricted-imports`);

    expect([...refused, ...allowed].filter(isRefused)).toEqual(refused);
  });

  it.each(violations)('refuses %s', (_what, rule, files) => {
    const found = Object.keys(files).map((path) => `${path} ${rule}`);

    expect(found.filter((complaint) => complaints.has(complaint))).not.toEqual([]);
  });

  it('lets the client share types', () => {
    expect(complaints).not.toContain('client/types.ts no-restricted-imports');
  });

  it.each(Object.keys(houses))('knows a rule for every room of the %s', async (house) => {
    const entries = await readdir(`src/${house}`, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

    expect(folders.toSorted()).toEqual(Object.keys(houses[house] ?? {}).toSorted());
  });
});

function rowOf(house: string, room: string): Row {
  const { imports, only = [], never = [] } = houses[house]?.[room] ?? { imports: [] };
  const others = Object.entries(houses).flatMap(([other, rooms]) =>
    Object.keys(rooms)
      .filter((name) => other !== house || name !== room)
      .map((name) => (other === house ? `${name}/any.js` : `../${other}/${name}/any.js`)),
  );
  const mine = others.filter(
    (other) => imports.includes('**') || imports.includes(other.replace('any.js', '**')),
  );
  return {
    refused: [
      ...others.filter((other) => !mine.includes(other)).map((other) => `../${other}`),
      '../../main.js',
      '../../app.module.js',
      '../../config.js',
      '../../../ormconfig.js',
      '../../../client/app.js',
      'src/main.js',
      // The own folder is no way out.
      './../main.js',
      ...never.filter((path) => !path.includes('*')),
    ],
    allowed: [...mine.map((other) => `../${other}`), ...only, './own.js'],
  };
}

function add(place: string, more: Partial<Row>): void {
  const { refused, allowed } = table[place] ?? { refused: [], allowed: [] };
  table[place] = {
    refused: [...refused, ...(more.refused ?? [])],
    allowed: [...allowed, ...(more.allowed ?? [])],
  };
}

/** A file of its own for each import, unless the rule is about one file. */
function pathOf(place: string, specifier: string): string {
  if (place.endsWith('.ts')) return place;
  return `${place}/from-${specifier.replaceAll(/[^a-z]+/gi, '-')}.ts`;
}

async function write(path: string, text: string): Promise<void> {
  const whole = join(root, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, `${text}\n`);
}

function lint(directory: string): Promise<Set<string>> {
  const oxlint = resolve('node_modules/oxlint/bin/oxlint');
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [oxlint, '-c', 'oxlint.config.mjs', '--format', 'json'],
      { cwd: directory, maxBuffer: 2 ** 26 },
      (_error, out) => {
        try {
          const report = JSON.parse(out) as { diagnostics: { code: string; filename: string }[] };
          done(
            new Set(
              report.diagnostics.map(({ code, filename }) => `${filename} ${/\(([^)]+)\)/.exec(code)?.[1]}`),
            ),
          );
        } catch (error) {
          fail(new Error(`oxlint printed no report: ${out.slice(0, 500)}`, { cause: error }));
        }
      },
    );
  });
}
