import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Who may import from whom: the table of rooms, in its own words. */
const mayImport: Record<string, readonly string[]> = {
  stomp: [],
  broker: [],
  session: ['stomp', 'broker'],
  transport: ['session', 'broker'],
  messaging: ['stomp', 'broker', 'session', 'transport'],
  store: ['broker'],
  inbox: ['broker', 'store'],
  http: [],
  auth: ['store', 'users', 'http'],
  users: ['messaging', 'inbox', 'store', 'http'],
  appointments: ['messaging', 'inbox', 'store', 'auth', 'http'],
  notifications: ['messaging', 'inbox', 'store', 'auth', 'http'],
  conversations: ['messaging', 'inbox', 'store', 'auth', 'http'],
  relay: ['broker'],
  testing: ['stomp', 'broker', 'session', 'messaging'],
  exports: ['stomp', 'broker', 'session', 'transport', 'messaging', 'store', 'inbox', 'relay', 'testing'],
};
const rooms = Object.keys(mayImport);

/** Imports of one file each: what its room's rule must refuse, and what it must let pass. */
interface Row {
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

const table: Record<string, Row> = Object.fromEntries(rooms.map((room) => [`src/${room}`, rowOf(room)]));

const pure = ['node:net', 'ws', '@nestjs/common', 'typeorm', 'zod', 'pino'];
add('src/stomp', { refused: pure });
add('src/broker', { refused: pure });
add('src/session', { refused: pure, allowed: ['node:crypto', 'node:buffer'] });
add('src/transport', {
  refused: ['@nestjs/common', 'typeorm'],
  allowed: ['node:net', 'ws', '../network.js', '../shares.js'],
});
add('src/relay', { refused: ['@nestjs/common', 'typeorm'], allowed: ['node:net'] });
add('src/messaging', {
  refused: ['typeorm', '@nestjs/typeorm', '../network.js'],
  allowed: ['@nestjs/common', '../shares.js', '../json-bounds.js'],
});
add('src/store', { allowed: ['typeorm', '@nestjs/common'] });
add('src/http', { refused: ['typeorm'], allowed: ['zod', '@nestjs/common'] });
add('src/auth', {
  refused: ['../session/session.js', '../broker/broker.js'],
  allowed: [
    '../session/ports.js',
    '../broker/address.js',
    '../broker/pattern.js',
    '../network.js',
    '../shares.js',
  ],
});
add('src/appointments', {
  refused: ['../users/user.entity.js'],
  allowed: ['../users/users.service.js', '../notifications/notifications.module.js'],
});
add('src/ops', {
  refused: ['../config.js', '../main.js'],
  allowed: rooms.map((room) => `../${room}/any.js`),
});
add('src/exports', {
  refused: ['../../migrations/1763700000000-people.js', '../users/user.entity.js'],
  allowed: ['../../migrations/1735689600000-inbox.js', '../../migrations/1763700000002-queues.js'],
});
add('src/testing', { allowed: ['@nestjs/common'] });
add('src/errors.ts', { refused: ['./limits.js'] });
add('src/limits.ts', { refused: ['zod'] });
add('src/network.ts', { refused: ['./limits.js'] });
add('src/shares.ts', { refused: ['./limits.js'] });
add('src/json-bounds.ts', { refused: ['./limits.js'] });
add('src/config.ts', { refused: ['./auth/tokens.js'] });
add('client', { refused: ['../src/errors.js'], allowed: ['./own.js', 'react'] });
add('client/sdk', { refused: ['../../src/broker/message.js'] });

const violations: [what: string, rule: string, files: Record<string, string>][] = [
  [
    'a dynamic import',
    'no-restricted-imports',
    { 'src/broker/dynamic.ts': `export const x = import('../session/x.js');` },
  ],
  [
    'a type import',
    'no-restricted-imports',
    { 'src/broker/type.ts': `import type { X } from '../session/x.js';\nexport const x: X = 1;` },
  ],
  ['a re-export', 'no-restricted-imports', { 'src/broker/again.ts': `export { x } from '../session/x.js';` }],
  ['a side effect', 'no-restricted-imports', { 'src/broker/effect.ts': `import '../session/x.js';` }],
  [
    'a barrel',
    'no-barrel-file',
    { 'src/broker/index.ts': `export * from './own.js';`, 'src/broker/own.ts': 'export const own = 1;' },
  ],
  [
    'a cycle of types',
    'no-cycle',
    {
      'src/users/one.ts': `import type { Two } from './two.js';\nexport type One = Two | 1;`,
      'src/users/two.ts': `import type { One } from './one.js';\nexport type Two = One | 2;`,
    },
  ],
  [
    'a setting read outside of config.ts',
    'no-process-env',
    { 'src/auth/env.ts': 'export const port = process.env.PORT;' },
  ],
  ['a print', 'no-console', { 'src/auth/print.ts': `console.log('x');` }],
  ['any', 'no-explicit-any', { 'src/auth/any.ts': 'export const x: any = 1;' }],
  [
    'a promise without owner',
    'no-floating-promises',
    { 'src/auth/floating.ts': 'async function work() {}\nwork();' },
  ],
  [
    'a promise where a value is asked for',
    'no-misused-promises',
    { 'src/auth/misused.ts': `[1].forEach(async () => {});` },
  ],
];

/** `file rule` of every complaint about the tree, which is linted once for all cases. */
let complaints: Set<string>;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'carillon-rooms-'));
  await copyFile('.oxlintrc.json', join(root, '.oxlintrc.json'));
  await writeFile(
    join(root, 'tsconfig.json'),
    '{"compilerOptions":{"strict":true,"module":"nodenext","target":"es2023"}}',
  );
  for (const [place, { refused, allowed }] of Object.entries(table))
    for (const specifier of [...refused, ...allowed])
      await write(pathOf(place, specifier), `import { x } from '${specifier}';\nexport const y = x;`);
  for (const [, , files] of violations)
    for (const [path, text] of Object.entries(files)) await write(path, text);
  await write('client/types.ts', `import type { X } from '../src/http/x.js';\nexport const x: X = 1;`);

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

  it('knows a rule for every room that exists', async () => {
    const folders = (await readdir('src', { withFileTypes: true })).filter((entry) => entry.isDirectory());

    expect([...rooms, 'ops']).toEqual(expect.arrayContaining(folders.map((folder) => folder.name)));
  });
});

function rowOf(room: string): Row {
  const others = rooms.filter((other) => other !== room);
  const mine = others.filter((other) => mayImport[room]?.includes(other));
  return {
    refused: [
      ...others.filter((other) => !mine.includes(other)).map((other) => `../${other}/any.js`),
      '../main.js',
      '../app.module.js',
      '../config.js',
      '../ops/health.controller.js',
      '../../ormconfig.js',
      '../../client/app.js',
      'src/main.js',
      // The own folder is no way out.
      './../main.js',
    ],
    allowed: [...mine.map((other) => `../${other}/any.js`), '../errors.js', '../limits.js', './own.js'],
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
      [oxlint, '--format', 'json'],
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
