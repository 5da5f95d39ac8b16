import type { LineLimits } from './engine-line.js';
import type { Line } from './line.js';

/**
 * The line through the engine that a URL names: `postgres://`, `redis://`, `rediss://`, `amqp://` or `amqps://`. The
 * engine's driver is loaded now, and only this one.
 * @throws {Error} no such engine, no URL, or its driver isn't installed. No message holds the URL, which has a password
 */
export async function lineFor(url: string, limits: LineLimits): Promise<Line> {
  if (!URL.canParse(url)) throw new Error('The relay needs a URL such as redis://host:6379');
  const { protocol } = new URL(url);
  switch (protocol) {
    case 'postgres:':
    case 'postgresql:':
      return (await withDriver('pg', import('./postgres-line.js'))).postgresLine(url, limits);
    case 'redis:':
    case 'rediss:':
      return (await withDriver('ioredis', import('./redis-line.js'))).redisLine(url, limits);
    case 'amqp:':
    case 'amqps:':
      return (await withDriver('amqplib', import('./rabbitmq-line.js'))).rabbitmqLine(url, limits);
    default:
      throw new Error(
        `There is no relay for ${protocol}// (postgres, redis, rediss, amqp and amqps are known)`,
      );
  }
}

async function withDriver<T>(driver: string, line: Promise<T>): Promise<T> {
  try {
    return await line;
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw cause;
    throw new Error(`This relay needs the package ${driver}, which isn't installed: npm install ${driver}`, {
      cause,
    });
  }
}
