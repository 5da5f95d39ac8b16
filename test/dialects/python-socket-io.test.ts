import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../clients/installed.js';
import { ask, signIn, type Login } from '../rest/clinic.js';
import { DistantClinic } from './distant-clinic.js';

const python = '/usr/bin/python3';
const isThere = runs(python, ['-c', 'import socketio, aiohttp']);
const name = 'python3-socketio';

/** Debian's client, unmodified: another implementation of both protocols. */
describe.skipIf(!isThere)(
  isThere ? name : `${name} (the Debian package, with python3-aiohttp, is not installed)`,
  () => {
    let distant: DistantClinic;
    let doctor: Login;
    let patient: Login;
    let path: string;
    beforeAll(async () => {
      distant = await DistantClinic.open();
      doctor = await signIn(distant.clinic, 'doctor');
      patient = await signIn(distant.clinic, 'patient');
      const body = { memberIds: [patient.user.id] };
      const begun = await ask<{ id: number }>(`${distant.url}/api/conversations`, {
        token: doctor.token,
        body,
      });
      path = `/api/conversations/${begun.body.id}`;
    });
    afterAll(() => distant.close());

    it.each<[string, string, readonly string[]]>([
      // Goodbye in a poll is Engine.IO's packet `close`, after which this client stays away, as it does from a stock server.
      ['polling', 'polling', ['cut']],
      ['websocket', 'websocket', ['cut', 'restart']],
      ['upgrade', 'websocket', ['cut', 'restart']],
    ])(
      'over %s speaks in a conversation, hears it, and comes back',
      { timeout: 40_000 },
      async (transport, shown, troubles) => {
        const lines: string[] = [];
        for await (const line of talk(transport, troubles)) {
          lines.push(line);
          if (line === 'cut') distant.cut();
          if (line === 'restart') await distant.restart();
          // It has come back.
          if (line.startsWith('connected') && lines.length > 2)
            await sayAs(doctor, `after the ${lines.at(-3)}`);
        }

        const back = (trouble: string): string[] => [
          ...[trouble, 'disconnected', `connected ${shown}`],
          `heard after the ${trouble}`,
        ];
        expect(lines).toEqual([
          'refused Authentication error: Invalid token',
          `connected ${shown}`,
          ...["said {'ok': True}", 'heard grün ✓', "again {'ok': True}"],
          ...['empty False handler_failed', 'unknown False unknown_command'],
          ...troubles.flatMap(back),
          'disconnected',
        ]);
      },
    );

    function talk(transport: string, troubles: readonly string[]): AsyncIterable<string> {
      const id = path.split('/').at(-1) ?? '';
      const client = spawn(
        python,
        ['test/dialects/socket_io.py', distant.url, patient.token, transport, id, ...troubles],
        { timeout: 30_000, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      return createInterface({ input: client.stdout });
    }

    async function sayAs({ token }: Login, text: string): Promise<void> {
      const { status } = await ask(`${distant.url}${path}/messages`, { token, body: { text } });
      expect(status).toBe(201);
    }
  },
);
