import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bearer, doorOf } from '../carillon-door.js';
import { secret, settings } from '../carillon-settings.js';
import { startNodeServer, type NodeServer } from '../node-server.js';
import type { SeededUser } from '../loads/seed-users.js';
import { seedUsers } from '../seeded-users.js';
import type { Peer, Target, Transport } from '../target.js';

export const carillon = over('carillon', 'websocket');

/** Carillon by its other transports. */
export const carillonSockJs = over('carillon-sockjs', 'sockjs-websocket');
export const carillonSse = over('carillon-sse', 'event-stream');
export const carillonJson = over('carillon-json', 'json');
export const carillonSocketIo = over('carillon-socketio', 'socket.io');

function over(name: string, transport: Transport): Peer {
  return {
    name,
    async start(users) {
      const target = await startCarillon({ users });
      const door = { ...target.door, ...doorOf(target.url, transport) };
      return { ...target, name, door };
    },
  };
}

/** Carillon with a way to its HTTP side. */
export interface Carillon extends Target {
  readonly url: string;
  readonly server: NodeServer;
  /** Whose connections they are, where new users were asked for. */
  readonly users: readonly SeededUser[];
}

/**
 * The built server.
 * @param databaseUrl a SQLite file of its own unless given
 * @param users new ones, whose connections they are; an operator's unless given
 * @param environment settings beside those of all measurements
 */
export async function startCarillon({
  databaseUrl,
  users = 0,
  environment = {},
}: {
  readonly databaseUrl?: string;
  readonly users?: number;
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Promise<Carillon> {
  const directory = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  const database = databaseUrl ?? `sqlite:${join(directory, 'carillon.sqlite')}`;
  const seeded = users > 0 ? await seedUsers(database, users) : [];
  const server = await startNodeServer('../src/main.js', {
    ...settings,
    PORT: '0',
    DATABASE_URL: database,
    JWT_SECRET: secret,
    DRAIN_MS: '0',
    ...environment,
  });
  const { url } = server;
  const tokens = users > 0 ? seeded.map(({ token }) => token) : [await signIn(url, 'operator@example.org')];
  return {
    name: 'carillon',
    url,
    server,
    users: seeded,
    door: { ...doorOf(url, 'websocket'), credentials: tokens.map(bearer) },
    queueHeaders: {},
    read: () => server.read(),
    watchLoop: (everyMs) => server.watchLoop(everyMs),
    collectGarbage: () => server.collectGarbage(),
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** @returns a token; checking a password for each of a thousand connections would measure scrypt */
export async function signIn(url: string, email: string, password = 'carillon'): Promise<string> {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`${email} could not sign in: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}
