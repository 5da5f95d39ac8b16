import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Packed } from './packed.js';

const run = promisify(execFile);

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
}

let packed: Packed;
let project: string;
let manifest: Manifest;

beforeAll(async () => {
  packed = await Packed.make();
  project = await packed.install('project', [
    ...[
      '@nestjs',
      '@stomp',
      '@types',
      'reflect-metadata',
      'rxjs',
      'sockjs',
      'forwarded-parse',
      'ipaddr.js',
      'sockjs-client',
      'typeorm',
      'ws',
    ],
    ...['class-transformer', 'class-validator', 'csstype', 'react', 'undici-types'],
  ]);
  manifest = JSON.parse(
    await readFile(join(project, 'node_modules/carillon/package.json'), 'utf8'),
  ) as Manifest;
}, 120_000);

afterAll(() => packed.remove());

describe('the package', () => {
  it('holds the rooms of the library and nothing of the clinic', () => {
    const rooms = packed.files
      .filter((path) => path.startsWith('lib/'))
      .map((path) => path.split('/').slice(1, -1).join('/'));

    expect([...new Set(rooms)].toSorted()).toEqual([
      ...['exports', 'inbox', 'offline', 'react', 'realtime', 'state'].map((room) => `client/src/${room}`),
      'migrations',
      'src/library',
      ...[
        'broker',
        'dialects',
        'exports',
        'inbox',
        'nest',
        'relay',
        'session',
        'stomp',
        'store',
        'testing',
        'transport',
      ].map((room) => `src/library/${room}`),
    ]);
    expect(packed.files.filter((path) => /^lib\/(src\/library|migrations)\/[^/]+\.js$/.test(path))).toEqual([
      'lib/migrations/1735689600000-inbox.js',
      'lib/migrations/1763700000002-queues.js',
      'lib/migrations/1763700000003-kept-answers.js',
      'lib/migrations/1763700000004-retention.js',
      'lib/migrations/1764280000000-superseded.js',
      'lib/migrations/1764300000000-kept-topics.js',
      'lib/migrations/1764310000000-agreed-values.js',
      'lib/migrations/1764310000001-relay-letters.js',
      'lib/migrations/1764320000000-nodes.js',
      'lib/src/library/errors.js',
      'lib/src/library/json-bounds.js',
      'lib/src/library/limits.js',
      'lib/src/library/network.js',
      'lib/src/library/shares.js',
    ]);
    expect(packed.files.filter((path) => path.includes('.test.'))).toEqual([]);
  });

  it('has no word of the clinic in its types', async () => {
    const types = packed.files.filter((path) => /^lib\/src\/.*\.d\.ts$/.test(path));
    const texts = await Promise.all(
      types.map((path) => readFile(join(project, 'node_modules/carillon', path), 'utf8')),
    );

    expect(types.length).toBeGreaterThan(100);
    expect(
      texts.flatMap((text) => text.match(/\w*(?:appointment|booking|doctor|patient|slot_)\w*/gi) ?? []),
    ).toEqual([]);
  });

  it('compiles nothing at its installation, and asks for no more than it uses', () => {
    expect(Object.keys(manifest.dependencies)).toEqual([
      ...['forwarded-parse', 'idb-keyval', 'ipaddr.js', 'sockjs', 'sockjs-client', 'ws'],
    ]);
    expect(Object.keys(manifest.peerDependencies)).toEqual([
      ...['@nestjs/common', '@nestjs/core', '@stomp/stompjs', 'amqplib', 'engine.io', 'ioredis'],
      ...['pg', 'react', 'reflect-metadata', 'rxjs', 'socket.io', 'sqlite3', 'typeorm'],
    ]);
    expect(Object.keys(manifest.peerDependenciesMeta)).toEqual([
      ...['@stomp/stompjs', 'amqplib', 'engine.io', 'ioredis', 'pg', 'react', 'socket.io', 'sqlite3'],
      'typeorm',
    ]);
    expect([manifest.scripts, manifest.devDependencies]).toEqual([undefined, undefined]);
  });

  it('has the files that its exports name, with their types', () => {
    const named = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [] : [entry.types, entry.default],
    );

    expect(named).toHaveLength(18);
    expect(named.filter((path) => !packed.files.includes(path.slice(2)))).toEqual([]);
  });

  it('is made in a folder of its own, and touches no manifest', async () => {
    expect(await packed.added()).toEqual(['dist-package']);
    for (const path of ['package.json', 'src/library/package.json']) {
      expect(await readFile(join(packed.copy, path), 'utf8')).toBe(await readFile(path, 'utf8'));
    }
  });

  it.each(['nodenext', 'bundler'])('is typed for a stranger, as %s resolves', async (moduleResolution) => {
    await writeFile(
      join(project, 'stranger.ts'),
      `import { MessagingModule, MessageMapping, Payload, SendTo, type MessagingOptions } from 'carillon';
       import { attachStomp } from 'carillon/broker';
       import { Realtime } from 'carillon/client';
       import { Inbox as ClientInbox } from 'carillon/client/inbox';
       import { RealtimeProvider, useInbox } from 'carillon/client/react';
       import { Decoder } from 'carillon/stomp';
       import { Inbox } from 'carillon/inbox';
       import { Store } from 'carillon/store';
       import { TestClient } from 'carillon/testing';

       export class Echo {
         @MessageMapping('/echo')
         @SendTo('/topic/echo')
         echo(@Payload() text: string): string {
           return text;
         }
       }
       export const options: MessagingOptions = {
         authenticator: { authenticate: () => Promise.reject(new Error('nobody')) },
         authorizer: { isAllowed: (user) => user.roles.includes('all') },
       };
       export const module = MessagingModule.forRoot(options);
       // @ts-expect-error a broker needs to know who may
       export const wrong = MessagingModule.forRoot({ authenticator: options.authenticator });
       export const all = [attachStomp, Realtime, ClientInbox, RealtimeProvider, useInbox, Decoder, Inbox, Store, TestClient];`,
    );
    const { stdout } = await run(
      process.execPath,
      [
        resolve('node_modules/typescript/bin/tsc'),
        ...['stranger.ts', '--noEmit', '--strict', '--target', 'es2023', '--types', 'node'],
        ...['--experimentalDecorators', '--emitDecoratorMetadata'],
        ...['--module', moduleResolution === 'bundler' ? 'esnext' : 'nodenext'],
        ...['--moduleResolution', moduleResolution],
      ],
      { cwd: project },
    ).catch((error: { readonly stdout: string }) => error);

    // Without skipLibCheck, for the declarations of the package; what others' declarations say is theirs.
    const complaints = stdout.split('\n').filter((line) => /^(stranger|node_modules\/carillon)/.test(line));
    expect(complaints).toEqual([]);
  });
});

describe('the tarball', () => {
  it('has nothing that publint would say', async () => {
    const tarball = await readFile(packed.tarball);

    const { messages, pkg } = await publint({ pack: { tarball: arrayBufferOf(tarball) }, strict: true });

    expect(pkg?.['name']).toBe('carillon');
    expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([]);
  });

  it('has types that are right for whom it is for: ESM, in Node and in bundlers', async () => {
    const tarball = await readFile(packed.tarball);

    const checked = await checkPackage(createPackageFromTarballData(tarball));

    if (!checked.types) throw new Error('The package has no types');
    expect(Object.keys(checked.entrypoints)).toEqual(Object.keys(manifest.exports));
    // The profile `esm-only` of attw: how CommonJS and Node 10 resolve is nobody's business.
    const others = ['node10', 'node16-cjs'];
    expect(
      checked.problems.filter((one) => !('resolutionKind' in one && others.includes(one.resolutionKind))),
    ).toEqual([]);
  });
});

describe('a project without Nest and without a database', () => {
  it('is told which driver a line needs that it asks for', async () => {
    const bare = await packed.install('bare-line', [
      'forwarded-parse',
      'ipaddr.js',
      'sockjs',
      'sockjs-client',
      'ws',
    ]);
    await writeFile(
      join(bare, 'line.mjs'),
      `import { lineFor, limits } from 'carillon/broker';
       for (const scheme of ['postgres', 'redis', 'amqps'])
         await lineFor(scheme + '://user:s3cret@host/', limits).catch(({ message }) => console.log(message));`,
    );

    const { stdout } = await run(process.execPath, ['line.mjs'], { cwd: bare });

    const told = (driver: string): string =>
      `This relay needs the package ${driver}, which isn't installed: npm install ${driver}\n`;
    expect(stdout).toBe(['pg', 'ioredis', 'amqplib'].map(told).join(''));
  });

  it.each(['carillon/stomp', 'carillon/broker'])('can use %s', async (entry) => {
    const bare = await packed.install(`bare-${entry.replace('/', '-')}`, [
      'forwarded-parse',
      'ipaddr.js',
      'sockjs',
      'sockjs-client',
      'ws',
    ]);
    await writeFile(
      join(bare, 'bare.mjs'),
      `const found = await import('${entry}'); process.stdout.write(Object.keys(found).join(' '));`,
    );

    const { stdout } = await run(process.execPath, ['bare.mjs'], { cwd: bare });

    expect(stdout.split(' ')).toContain(entry === 'carillon/stomp' ? 'Decoder' : 'attachStomp');
  });
});

function arrayBufferOf({ buffer, byteOffset, length }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
}
