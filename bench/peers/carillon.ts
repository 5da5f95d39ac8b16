import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNodeServer, type NodeServer } from '../node-server.js';
import type { Peer, Target } from '../target.js';

/** The settings that differ from the defaults; they stand under the tables. */
export const settings = {
  AUTHZ: 'open',
  LIMIT_CONNECTIONS_PER_USER: '20000',
  LIMIT_CONNECTIONS_PER_ADDRESS: '20000',
  LOG_LEVEL: 'warn',
};

export const carillon: Peer = { name: 'carillon', start: () => startCarillon() };

/** Carillon with a way to its HTTP side. */
export interface Carillon extends Target {
  readonly url: string;
  readonly server: NodeServer;
}

/** The built server. @param databaseUrl a SQLite file of its own unless given */
export async function startCarillon(databaseUrl?: string): Promise<Carillon> {
  const directory = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  const server = await startNodeServer('../src/main.js', {
    ...settings,
    PORT: '0',
    DATABASE_URL: databaseUrl ?? `sqlite:${join(directory, 'carillon.sqlite')}`,
    JWT_SECRET: 'of a server that lives for a minute, on loopback',
    DRAIN_MS: '0',
  });
  const { url } = server;
  return {
    name: 'carillon',
    url,
    server,
    door: {
      url: `${url.replace('http', 'ws')}/stomp`,
      credentials: { Authorization: `Bearer ${await signIn(url, 'operator@example.org')}` },
    },
    queueHeaders: {},
    read: () => server.read(),
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
