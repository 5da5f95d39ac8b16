import {
  Controller,
  Module,
  ParseIntPipe,
  type INestApplicationContext,
  type LoggerService,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { concat, of, throwError, type Observable } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { MessageMapping, Payload, SubscribeMapping } from './decorators.js';
import { MessagingModule } from './messaging.module.js';
import type { MessageConverter } from './payload.js';
import { SendTo } from './send-to.js';

const broken: MessageConverter = {
  contentType: 'application/broken',
  encode() {
    throw new Error('no words');
  },
  decode() {
    throw new Error('no sense');
  },
  accepts: (value) => value instanceof Set,
};

@Controller()
class Desk {
  @MessageMapping('/any')
  any(@Payload() _payload: unknown): void {}

  @MessageMapping('/order')
  order(@Payload(z.object({ shares: z.number() })) _order: object): void {}

  @MessageMapping('/count')
  count(@Payload(ParseIntPipe) _count: number): void {}

  @MessageMapping('/set')
  set(): Set<string> {
    return new Set();
  }

  @MessageMapping('/cycle')
  cycle(): object {
    const cycle: { itself?: object } = {};
    cycle.itself = cycle;
    return cycle;
  }

  @SubscribeMapping('/function')
  aFunction(): unknown {
    return () => 'x';
  }

  @MessageMapping('/stream')
  @SendTo('/topic/stream')
  stream(): Observable<unknown> {
    return concat(
      of('first'),
      throwError(() => new Error('dry')),
    );
  }

  @SubscribeMapping('/rows')
  async *rows(): AsyncGenerator {
    yield 'first';
    throw new Error('dry');
  }

  @SubscribeMapping('/locked')
  locked(): AsyncIterable<unknown> {
    const stream = new ReadableStream();
    stream.getReader();
    return stream as AsyncIterable<unknown>;
  }

  @SubscribeMapping('/items')
  async *items(): AsyncGenerator {
    yield 'first';
    yield 1n;
  }
}

const logged: unknown[] = [];
const note = (...line: unknown[]): void => void logged.push(...line);
const logger: LoggerService = { log() {}, warn() {}, error: note, debug: note };

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: anybody,
      authorizer: { isAllowed: () => true },
      converters: [broken],
    }),
  ],
  controllers: [Desk],
})
class DeskModule {}

let application: INestApplicationContext;
let ada: TestClient;

beforeAll(async () => {
  application = await NestFactory.createApplicationContext(DeskModule, { logger });
});
afterAll(() => application.close());
beforeEach(async () => {
  ada = await TestClient.connect(application, { login: 'ada' });
  logged.length = 0;
});

describe('a payload that is wrong', () => {
  it.each([
    [
      'for its converter',
      '/app/any',
      'x',
      'application/broken',
      'The payload is not application/broken.',
      'any',
    ],
    [
      'for its depth',
      '/app/any',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'application/json',
      'The payload is nested deeper than 64 levels.',
      'any',
    ],
    ['for JSON', '/app/any', '{', 'application/json', 'The payload is not JSON; say so', 'any'],
    ['for a schema', '/app/order', '{"shares":"many"}', 'application/json', 'shares: ', 'order'],
    ['in its content-type', '/app/order', '{"shares":1}', 'image/png', 'The payload is not valid: ', 'order'],
    ['for a pipe', '/app/count', 'many', 'text/plain', 'Validation failed (numeric string', 'count'],
    ['by not being there', '/app/order', '', 'application/json', 'The payload is missing.', 'order'],
  ])(
    '%s is told to its sender, and the log knows the method',
    async (_, destination, body, type, words, method) => {
      const errors = await ada.subscribe('/user/queue/errors');

      await expect(ada.send(destination, body, { 'content-type': type })).rejects.toMatchObject({
        code: 'handler_failed',
      });

      expect((await errors.next()).json).toMatchObject({ message: expect.stringContaining(words) as string });
      expect(logged).toContainEqual(expect.objectContaining({ msg: 'refused', method: `Desk#${method}` }));
    },
  );
});

describe('a value that can’t be sent', () => {
  it.each([
    ['SEND', '/app/set', 'Desk#set: its value can’t be sent: no words'],
    ['SEND', '/app/cycle', 'Desk#cycle: its value can’t be sent: Converting circular structure'],
    ['SUBSCRIBE', '/app/function', 'Desk#aFunction: its value can’t be sent: a function is nothing'],
    ['SEND', '/app/stream', 'Desk#stream: its stream failed: dry'],
    ['SUBSCRIBE', '/app/rows', 'Desk#rows: its stream failed: dry'],
    ['SUBSCRIBE', '/app/locked', 'Desk#locked: its stream failed: Invalid state: ReadableStream is locked'],
    ['SUBSCRIBE', '/app/items', 'Desk#items: its value can’t be sent: Do not know how to serialize a BigInt'],
  ])('is our fault, and the log knows whose: %s %s', async (verb, destination, words) => {
    const errors = await ada.subscribe('/user/queue/errors');
    const bob = await TestClient.connect(application, { login: 'bob' });

    // A stream fails when its method has long been answered.
    const asked = verb === 'SEND' ? ada.send(destination) : ada.subscribe(destination);
    await asked.catch(() => undefined);

    expect((await errors.next()).json).toEqual({
      code: 'handler_failed',
      message: 'The method failed; the fault is ours.',
      destination,
    });
    expect(logged.filter((one) => one instanceof Error).map(({ message }) => message)).toEqual([
      expect.stringContaining(words),
    ]);
    // Nothing hangs, and the others don't notice.
    await ada.send('/topic/x', 'still here');
    await bob.send('/topic/x', 'still here');
  });
});
