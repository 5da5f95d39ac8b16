import { setImmediate } from 'node:timers/promises';
import {
  Catch,
  Controller,
  Module,
  UseFilters,
  UseInterceptors,
  type INestApplicationContext,
  type LoggerService,
} from '@nestjs/common';
import type {
  ArgumentsHost,
  CallHandler,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  concat,
  delay,
  filter,
  map,
  NEVER,
  Observable,
  of,
  retry,
  take,
  throwError,
  type Subscriber,
} from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientSession } from '../session/ports.js';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { MessageException, MessageMapping, SubscribeMapping } from './decorators.js';
import { MessageExceptionHandler, MessagingAdvice } from './exception-handlers.js';
import { MessagingModule } from './messaging.module.js';
import { SendTo } from './send-to.js';
import { MessagingTemplate } from './template.js';

/** What sources say of themselves. */
let events: string[];
let readers: Subscriber<string>[];
let waiting: (() => void)[];

class Exclaim implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value) => `${String(value)}!`));
  }
}

/** Lets through every other item, each after a while, and at the end one more. */
class Odd implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    const odd = next.handle().pipe(filter((value) => Number(value) % 2 === 1));
    return concat(odd.pipe(delay(5)), of('end'));
  }
}

class Endless implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return concat(next.handle(), NEVER);
  }
}

class Again implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(retry(1));
  }
}

class First implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(take(1));
  }
}

@Controller()
class StreamController {
  @MessageMapping('/ticks')
  @SendTo('/topic/ticks')
  ticks(): Observable<string> {
    return of('a', 'b', 'c');
  }

  @MessageMapping('/loud')
  @SendTo('/topic/ticks')
  @UseInterceptors(Exclaim)
  loud(): Observable<string> {
    return of('a', 'b');
  }

  @SubscribeMapping('/live')
  live(): Observable<string> {
    return source();
  }

  @SubscribeMapping('/live/loud')
  @UseInterceptors(Exclaim)
  liveLoud(): Observable<string> {
    return source();
  }

  @MessageMapping('/live')
  @SendTo('/topic/ticks')
  published(): Observable<string> {
    return source();
  }

  @SubscribeMapping('/rows')
  async *rows(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) {
        events.push(`row ${i}`);
        yield i;
        if (i === 1) await new Promise<void>((resolve) => waiting.push(resolve));
      }
    } finally {
      events.push('closed');
      wake();
    }
  }

  @SubscribeMapping('/rows/loud')
  @UseInterceptors(Exclaim)
  loudRows(): AsyncGenerator<number> {
    return this.rows();
  }

  @MessageMapping('/few')
  @SendTo('/topic/ticks')
  @UseInterceptors(Exclaim)
  async *few(): AsyncGenerator<string> {
    yield 'a';
    yield 'b';
  }

  @MessageMapping('/odd')
  @SendTo('/topic/ticks')
  @UseInterceptors(Odd)
  async *odd(): AsyncGenerator<number> {
    for (let i = 0; i < 4; i++) yield i;
  }

  @MessageMapping('/again')
  @SendTo('/topic/ticks')
  @UseInterceptors(Again)
  async *again(): AsyncGenerator<string> {
    events.push('asked');
    yield 'a';
    if (events.length === 1) throw new Error('not the first time');
    yield 'b';
  }

  @SubscribeMapping('/rows/first')
  @UseInterceptors(First)
  firstRow(): AsyncGenerator<number> {
    return this.rows();
  }

  @SubscribeMapping('/late')
  async late(): Promise<AsyncIterable<number>> {
    await new Promise<void>((resolve) => waiting.push(resolve));
    const next = () => Promise.resolve({ value: 0 });
    const end = () => {
      events.push('closed');
      wake();
      return Promise.resolve({ done: true, value: undefined } as const);
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  }

  @SubscribeMapping('/late/live')
  async lateLive(): Promise<Observable<string>> {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return source();
  }

  @SubscribeMapping('/held')
  @UseInterceptors(Endless)
  async *held(): AsyncGenerator<string> {
    yield 'a';
  }

  @SubscribeMapping('/hasty')
  async *hasty(): AsyncGenerator<number> {
    for (let i = 0; i < 10_000; i++) yield i;
    events.push('all given');
  }

  @SubscribeMapping('/breaks')
  breaks(): Observable<string> {
    return failing(new Error('secret'));
  }

  @SubscribeMapping('/unsayable')
  unsayable(): Observable<unknown> {
    return concat(of('first', 1n), NEVER);
  }
}

class Jammed extends Error {}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    events.push(`filter: ${error.message}`);
    const { user } = host.switchToWs().getClient<ClientSession>();
    application.get(MessagingTemplate).convertAndSendToUser(user.name, '/queue/errors', 'filtered');
  }
}

/** Each gives one item, and fails. */
@Controller()
class BrittleController {
  @SubscribeMapping('/jams')
  jams(): Observable<string> {
    return failing(new Jammed('paper'));
  }

  @SubscribeMapping('/jams/rows')
  @UseInterceptors(Exclaim)
  async *rows(): AsyncGenerator<string> {
    yield 'first';
    throw new Jammed('rows');
  }

  @MessageMapping('/jams')
  @SendTo('/topic/ticks')
  @UseInterceptors(Exclaim)
  published(): Observable<string> {
    return failing(new Error('outer', { cause: new Jammed('published') }));
  }

  @SubscribeMapping('/jams/filtered')
  @UseFilters(RangeFilter)
  filtered(): Observable<string> {
    return failing(new RangeError('far'));
  }

  @SubscribeMapping('/jams/advised')
  advised(): Observable<string> {
    return failing(new EvalError('odd'));
  }

  @SubscribeMapping('/jams/again')
  again(): Observable<string> {
    return failing(new SyntaxError('?'));
  }

  @MessageExceptionHandler(Jammed)
  onJammed(@MessageException() error: Error): string {
    return `jammed: ${error.message}`;
  }

  @SubscribeMapping('/jams/locked')
  lockedAnswer(): Observable<string> {
    return failing(new URIError('?'));
  }

  @MessageExceptionHandler(URIError)
  onUri(): AsyncIterable<unknown> {
    const stream = new ReadableStream();
    stream.getReader();
    return stream as AsyncIterable<unknown>;
  }

  @MessageExceptionHandler(SyntaxError)
  onSyntax(): Observable<string> {
    return failing(new Error('the answer fails as well'));
  }
}

@MessagingAdvice()
class Advice {
  @MessageExceptionHandler(EvalError)
  onEval(@MessageException() error: Error): string {
    return `advice: ${error.message}`;
  }
}

function failing(error: Error): Observable<string> {
  return concat(
    of('first'),
    throwError(() => error),
  );
}

let wake: () => void;
let closed: Promise<void>;

function source(): Observable<string> {
  return new Observable((reader) => {
    readers.push(reader);
    return () => {
      events.push('stopped');
      wake();
    };
  });
}

const logged: unknown[][] = [];
const logger: LoggerService = { log() {}, warn() {}, error: (...line: unknown[]) => void logged.push(line) };

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: anybody,
      authorizer: { isAllowed: () => true },
      limits: { streams: 3 },
    }),
  ],
  controllers: [StreamController, BrittleController],
  providers: [Advice],
})
class StreamModule {}

let application: INestApplicationContext;
let ada: TestClient;

beforeAll(async () => {
  application = await NestFactory.createApplicationContext(StreamModule, { logger });
});
afterAll(() => application.close());
beforeEach(async () => {
  events = [];
  readers = [];
  waiting = [];
  logged.length = 0;
  closed = new Promise((resolve) => {
    wake = resolve;
  });
  ada = await TestClient.connect(application, { login: 'ada' });
});

describe('a stream that a method returns', () => {
  it.each([
    ['/app/ticks', ['a', 'b', 'c']],
    ['/app/loud', ['a!', 'b!']],
    ['/app/few', ['a!', 'b!']],
    ['/app/odd', ['1', '3', 'end']],
    ['/app/again', ['a', 'a', 'b']],
  ])('is published item by item: %s', async (destination, expected) => {
    const heard = await ada.subscribe('/topic/ticks');

    await ada.send(destination);

    const got = [];
    while (got.length < expected.length) got.push((await heard.next()).body);
    expect(got).toEqual(expected);
  });

  it.each(['/app/live', '/app/live/loud'])(
    'is pushed to the subscription that asked, and stopped with it: %s',
    async (destination) => {
      const live = await ada.subscribe(destination);
      readers[0]?.next('one');
      expect((await live.next()).body).toMatch(/^one!?$/);

      await ada.unsubscribe(live);
      await closed;

      expect(events).toEqual(['stopped']);
    },
  );

  it('stops when the session that began it has left, whoever else listens', async () => {
    const bob = await TestClient.connect(application, { login: 'bob' });
    const heard = await bob.subscribe('/topic/ticks');
    await ada.send('/app/live');
    readers[0]?.next('one');
    expect((await heard.next()).body).toBe('one');

    ada.leave();
    await closed;

    expect(events).toEqual(['stopped']);
  });

  it.each([
    ['/app/rows', '0', '1'],
    ['/app/rows/loud', '0!', '1!'],
  ])('as an async iterable is closed where its reader left: %s', async (destination, ...expected) => {
    const rows = await ada.subscribe(destination);
    expect([(await rows.next()).body, (await rows.next()).body]).toEqual(expected);

    ada.leave();
    waiting[0]?.();
    await closed;

    expect(events.at(-1)).toBe('closed');
  });

  it.each(['/app/rows', '/app/rows/loud'])(
    'as an async iterable is read while its reader has room: %s',
    async (destination) => {
      ada.wire.isReading = false;
      const rows = await ada.subscribe(destination);
      await setImmediate();
      await setImmediate();
      expect(events).toEqual(['row 0']);
      expect(rows.messages).toEqual([]);

      ada.wire.readAgain();

      expect((await rows.next()).body).toMatch(/^0/);
      expect((await rows.next()).body).toMatch(/^1/);
      ada.leave();
      waiting[0]?.();
      await closed;
    },
  );

  it('as an async iterable is closed where an interceptor has had enough of it', async () => {
    const rows = await ada.subscribe('/app/rows/first');

    expect((await rows.next()).body).toBe('0');
    await closed;

    expect(events).toEqual(['row 0', 'closed']);
  });

  it('as an async iterable is closed where its reader had left before there was one', async () => {
    const asked = ada.subscribe('/app/late').catch(() => undefined);
    while (waiting.length === 0) await setImmediate();

    ada.leave();
    waiting[0]?.();
    await closed;

    await asked;
    expect(events).toEqual(['closed']);
  });

  it('as an Observable is not begun where its reader had left before there was one', async () => {
    const asked = ada.subscribe('/app/late/live').catch(() => undefined);
    while (waiting.length === 0) await setImmediate();

    ada.leave();
    waiting[0]?.();
    await asked;
    await setImmediate();

    expect(readers).toEqual([]);
  });

  it('as an Observable waits for no reader: what it gives is on its way at once, and bounded there', async () => {
    ada.wire.isReading = false;
    const live = await ada.subscribe('/app/live');

    readers[0]?.next('one');

    expect((await live.next()).body).toBe('one');
  });

  it('without a pause of its own leaves time for others', async () => {
    const hasty = await ada.subscribe('/app/hasty');
    expect((await hasty.next()).json).toBe(0);

    // What sockets and timers wait for, too.
    await setImmediate();

    expect(events).toEqual([]);
    ada.leave();
  });

  it.each([
    ['/app/breaks', 'StreamController#breaks: its stream failed: secret'],
    ['/app/unsayable', 'StreamController#unsayable: its value can’t be sent'],
  ])('that fails half way says so to its reader, and to us by name: %s', async (destination, words) => {
    const errors = await ada.subscribe('/user/queue/errors');
    const stream = await ada.subscribe(destination);

    expect((await stream.next()).body).toBe('first');
    expect((await errors.next()).json).toEqual({
      code: 'handler_failed',
      message: 'The method failed; the fault is ours.',
      destination,
    });
    expect(String(logged[0])).toContain(words);
    expect(stream.messages).toEqual([]);
  });

  it.each([
    ['/app/jams', 'jammed: paper'],
    ['/app/jams/rows', 'jammed: rows'],
    ['/app/jams/filtered', 'filtered'],
    ['/app/jams/advised', 'advice: odd'],
  ])('that fails half way is answered as a throw of its method is: %s', async (destination, answer) => {
    const errors = await ada.subscribe('/user/queue/errors');
    const stream = await ada.subscribe(destination);

    expect((await stream.next()).body).toMatch(/^first!?$/);
    expect((await errors.next()).body).toBe(answer);
    expect([logged, errors.messages]).toEqual([[], []]);
  });

  it('that is published and fails half way is answered too, by its cause, through interceptors', async () => {
    const heard = await ada.subscribe('/topic/ticks');
    const errors = await ada.subscribe('/user/queue/errors');

    await ada.send('/app/jams');

    expect((await heard.next()).body).toBe('first!');
    expect((await errors.next()).body).toBe('jammed: outer');
  });

  it('that answers a failure and fails itself is told by the session, once', async () => {
    const errors = await ada.subscribe('/user/queue/errors');

    await ada.subscribe('/app/jams/again');

    expect((await errors.next()).body).toBe('first');
    expect((await errors.next()).json).toMatchObject({ code: 'handler_failed' });
    expect(String(logged[0])).toContain(
      'BrittleController#onSyntax: its stream failed: the answer fails as well',
    );
  });

  it('that answers a failure and can’t be begun is told by the session', async () => {
    const errors = await ada.subscribe('/user/queue/errors');

    await ada.subscribe('/app/jams/locked');

    expect((await errors.next()).json).toMatchObject({ code: 'handler_failed' });
    expect(String(logged[0])).toContain('BrittleController#onUri: its stream failed: Invalid state');
  });

  it('whose end an interceptor holds back is over with its subscription', async () => {
    for (let i = 0; i < 5; i++) {
      const held = await ada.subscribe('/app/held');
      expect((await held.next()).body).toBe('a');
      await ada.unsubscribe(held);
      // A reader looks up after each item.
      await setImmediate();
      await setImmediate();
    }
  });

  it('counts against the limit of its connection while it runs', async () => {
    await ada.subscribe('/app/live');
    const second = await ada.subscribe('/app/live');
    await ada.subscribe('/app/live');
    await ada.unsubscribe(second);
    await ada.subscribe('/app/live');

    await expect(ada.subscribe('/app/live')).rejects.toMatchObject({ code: 'subscription_limit' });
  });
});
