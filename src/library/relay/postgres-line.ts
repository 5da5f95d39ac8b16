import { Socket } from 'node:net';
import { Client } from 'pg';
import {
  EngineLine,
  type ConnectionEvents,
  type EngineConnection,
  type LineLimits,
  type Sent,
} from './engine-line.js';
import type { Line } from './line.js';
import { areSessionsShared, SessionsShared } from './shared-sessions.js';

/**
 * A line through PostgreSQL's LISTEN and NOTIFY, on two connections of its own: LISTEN is the state of a session, so
 * a pooler that shares sessions can't be between, and is found out.
 */
export function postgresLine(url: string, limits: LineLimits): Line {
  return new EngineLine(
    {
      name: `PostgreSQL at ${new URL(url).host}`,
      largest: LARGEST,
      connection: (events) => new PostgresConnection(url, events),
    },
    limits,
  );
}

/** A payload has less than 8,000 bytes (PostgreSQL, NOTIFY): these are 7,868 characters of base64, and a number. */
const LARGEST = 5_900;

class PostgresConnection implements EngineConnection {
  readonly #sockets: Socket[] = [];
  readonly #listener: Client;
  readonly #notifier: Client;

  constructor(
    private readonly url: string,
    private readonly events: ConnectionEvents,
  ) {
    this.#listener = this.#client();
    this.#notifier = this.#client();
    this.#listener.on('notification', ({ channel, payload = '' }) =>
      this.events.heard(channel, Buffer.from(payload.slice(payload.indexOf(':') + 1), 'base64')),
    );
  }

  async connect(): Promise<void> {
    await Promise.all([this.#listener.connect(), this.#notifier.connect()]);
    if (await areSessionsShared(this.#listener, async () => this.#notifier))
      throw new SessionsShared('the address of the relay (RELAY_URL)');
  }

  async listen(channels: readonly string[]): Promise<void> {
    await this.#listener.query(channels.map((channel) => `listen "${channel}"`).join(';'));
  }

  async unlisten(channels: readonly string[]): Promise<void> {
    await this.#listener.query(channels.map((channel) => `unlisten "${channel}"`).join(';'));
  }

  /**
   * Never in a transaction that writes: PostgreSQL lets COMMITs with a NOTIFY pass one at a time, and all writers would
   * wait for each other.
   */
  async send(letters: readonly Sent[]): Promise<void> {
    await this.#notifier.query({
      name: 'notify',
      text: 'select count(pg_notify(channel, payload)) from unnest($1::text[], $2::text[]) as sent(channel, payload)',
      values: [letters.map(({ channel }) => channel), letters.map(text)],
    });
  }

  async ask(): Promise<void> {
    await Promise.all([this.#listener.query('select 1'), this.#notifier.query('select 1')]);
  }

  async end(): Promise<void> {
    await Promise.all([this.#listener.end(), this.#notifier.end()]);
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #client(): Client {
    const client = new Client({
      connectionString: this.url,
      application_name: 'carillon relay',
      keepAlive: true,
      // Its own socket, since the driver ends one that hangs only politely.
      stream: () => {
        const socket = new Socket();
        this.#sockets.push(socket);
        return socket;
      },
    });
    client.on('error', (error) => this.events.lost(error));
    client.on('end', () => this.events.lost(new Error('the connection was closed')));
    return client;
  }
}

/** Numbered, as payloads that are equal in one transaction are heard once (PostgreSQL, NOTIFY). */
function text({ payload }: Sent, index: number): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return `${index}:${bytes.toString('base64')}`;
}
