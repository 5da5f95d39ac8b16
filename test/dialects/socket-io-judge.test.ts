import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Where `engine.io-protocol` and `socket.io-protocol` of github:socketio are cloned, each with its suite's packages. */
const clones = process.env['SOCKET_IO_SUITES'] ?? '';
const suites = [
  ['engine.io-protocol', '24 passing'],
  ['socket.io-protocol', '32 passing'],
] as const;
const isHere = suites.every(([name]) => existsSync(join(clones, name, 'test-suite', 'node_modules')));

describe.skipIf(!isHere)(
  isHere
    ? 'the protocols’ own suites'
    : 'the protocols’ own suites (SOCKET_IO_SUITES names no clones of them)',
  () => {
    // Its pings are 300 ms apart: on a busy machine one comes late.
    it('pass against the engine as it is mounted', { retry: 2 }, async () => {
      const paths = suites.map(([name]) => join(clones, name));
      const judge = ['tsx', 'test/dialects/socket-io-judge.ts', ...paths];

      const { stdout } = await promisify(execFile)('npx', judge);

      expect(stdout.match(/\d+ (passing|failing)/g)).toEqual(suites.map(([, passing]) => passing));
    });
  },
);
