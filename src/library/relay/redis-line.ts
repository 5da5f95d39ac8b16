import type { Socket } from 'node:net';
import { Redis } from 'ioredis';
import {
  EngineLine,
  LARGEST,
  type ConnectionEvents,
  type EngineConnection,
  type LineLimits,
  type Sent,
} from './engine-line.js';
import type { Line } from './line.js';

/**
 * A line through Redis Pub/Sub, on two connections. Redis Cluster keeps neither order nor what is on its way while a
 * replica takes over (redis 4122, 10862): one server, or an address that follows the primary of several.
 */
export function redisLine(url: string, limits: LineLimits): Line {
  return new EngineLine(
    {
      name: `Redis at ${new URL(url).host}`,
      largest: LARGEST,
      connection: (events) => new RedisConnection(url, events),
    },
    limits,
  );
}

class RedisConnection implements EngineConnection {
  readonly #subscriber: Redis;
  readonly #publisher: Redis;

  constructor(
    url: string,
    private readonly events: ConnectionEvents,
  ) {
    this.#subscriber = this.#client(url);
    this.#publisher = this.#client(url);
    this.#subscriber.on('messageBuffer', (channel: Buffer, payload: Buffer) =>
      this.events.heard(channel.toString(), payload),
    );
  }

  /** A server that still loads its data answers PING with an error. */
  async connect(): Promise<void> {
    await Promise.all([this.#subscriber.connect(), this.#publisher.connect()]);
    await this.ask();
  }

  async listen(channels: readonly string[]): Promise<void> {
    await this.#subscriber.subscribe(...channels);
  }

  async unlisten(channels: readonly string[]): Promise<void> {
    await this.#subscriber.unsubscribe(...channels);
  }

  async send(letters: readonly Sent[]): Promise<void> {
    const pipeline = this.#publisher.pipeline();
    for (const { channel, payload } of letters)
      pipeline.publish(channel, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }

  async ask(): Promise<void> {
    await Promise.all([this.#subscriber.ping(), this.#publisher.ping()]);
  }

  async end(): Promise<void> {
    this.destroy();
  }

  destroy(): void {
    for (const client of [this.#subscriber, this.#publisher]) {
      client.disconnect();
      // The driver listens for one error of a socket and ends it politely. A second one, as TLS has them, would end the process.
      (client.stream as Socket | undefined)?.on('error', () => undefined).destroy();
    }
  }

  /** Lost is lost: the line makes the next connection, and nothing is kept for it or sent again. */
  #client(url: string): Redis {
    const client = new Redis(url, {
      lazyConnect: true,
      retryStrategy: null,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      // Both would ask for rights that a line doesn't need.
      enableReadyCheck: false,
      disableClientInfo: true,
      keepAlive: 10_000,
    });
    client.on('error', (error) => this.events.lost(error));
    client.on('close', () => this.events.lost(new Error('the connection was closed')));
    return client;
  }
}
