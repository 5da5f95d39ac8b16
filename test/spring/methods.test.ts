import { Controller, ParseIntPipe, ValidationPipe } from '@nestjs/common';
import { IsNotEmpty } from 'class-validator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DestinationVariable,
  Header,
  Headers,
  MessageException,
  MessageExceptionHandler,
  MessageMapping,
  MessagingTemplate,
  Payload,
  SubscribeMapping,
  UserRegistry,
} from '../../src/library/exports/carillon.js';
import type { TestClient } from '../../src/library/testing/test-client.js';
import { bodies, SpringApplication } from './spring-application.js';

/** What Spring's own tests state, in their words; where Carillon differs on purpose, docs/from-spring.md says so. */
const calls: unknown[] = [];

class Named {
  @IsNotEmpty() name!: string;
}

class BadInput extends Error {}

@Controller()
class ArgumentsController {
  @MessageMapping('/headers')
  headers(@Header('foo') foo: string, @Headers() headers: ReadonlyMap<string, string>): void {
    calls.push([foo, headers.get('foo')]);
  }

  @MessageMapping('/optional')
  optional(
    @Header('foo', { required: false }) foo: string | undefined,
    @Header('bar', { defaultValue: 'bar' }) bar: string,
  ): void {
    calls.push([foo, bar]);
  }

  @MessageMapping('/message/{foo}/{name}')
  variables(@DestinationVariable('foo') foo: string, @DestinationVariable('name') name: string): void {
    calls.push([foo, name]);
  }

  @SubscribeMapping('/sub/{foo}/{name}')
  subscribed(@DestinationVariable('foo') foo: string, @DestinationVariable('name') name: string): void {
    calls.push([foo, name]);
  }

  @MessageMapping('/long/{id}')
  long(@DestinationVariable('id', ParseIntPipe) id: number): void {
    calls.push(id);
  }

  @MessageMapping('/payload')
  payload(@Payload() payload: unknown): void {
    calls.push(payload);
  }

  @MessageMapping('/payload/optional')
  optionalPayload(@Payload({ required: false }) payload: unknown): void {
    calls.push(payload);
  }

  @MessageMapping('/validated')
  validated(@Payload(new ValidationPipe()) payload: Named): void {
    calls.push(payload.name);
  }

  @MessageMapping('/throws/{what}')
  throws(@DestinationVariable('what') what: string): void {
    if (what === 'cause') throw new TypeError('outer', { cause: new BadInput('Bad input') });
    throw new BadInput('Bad input');
  }

  @MessageMapping('/future/success')
  async success(): Promise<string> {
    return 'done';
  }

  @MessageMapping('/future/failure')
  async failure(): Promise<string> {
    throw new BadInput('Bad input');
  }

  @MessageExceptionHandler()
  onAny(@MessageException() error: Error): string {
    return `Got error: ${error.message}`;
  }

  @MessageExceptionHandler(BadInput)
  onBadInput(@MessageException() error: Error): string {
    return `Got bad input: ${error.message}`;
  }
}

@Controller()
@MessageMapping('/t1', '/t2')
class CombinedController {
  @MessageMapping('/m1', '/m2')
  combined(): string {
    return 'combined';
  }

  @MessageMapping('foo')
  slashed(): string {
    return 'slashed';
  }
}

@Controller()
class SortedController {
  @SubscribeMapping('/sorted/**')
  rest(): string {
    return '**';
  }

  @SubscribeMapping('/sorted/*')
  one(): string {
    return '*';
  }

  @SubscribeMapping('/sorted/exact')
  exact(): string {
    return 'exact';
  }
}

@Controller()
class IntegrationController {
  @MessageMapping('/increment')
  increment(@Payload() i: number): number {
    return i + 1;
  }

  @SubscribeMapping('/number')
  number(): number {
    return 42;
  }

  @SubscribeMapping('/text')
  text(): string {
    return 'text';
  }
}

const application = new SpringApplication();
const connect = (login: string): Promise<TestClient> => application.connect(login);
let joe: TestClient;

beforeAll(() =>
  application.open(ArgumentsController, CombinedController, SortedController, IntegrationController),
);
afterAll(() => application.close());
beforeEach(async () => {
  calls.length = 0;
  joe = await connect('joe');
});
afterEach(() => application.reset());

describe('SimpAnnotationMethodMessageHandlerTests', () => {
  it.each<[fact: string, sent: string, headers: Record<string, string>, call: unknown]>([
    ['@Header + @Headers → values', '/app/headers', { foo: 'bar' }, ['bar', 'bar']],
    ['optional header present → value', '/app/optional', { foo: 'x', bar: 'y' }, ['x', 'y']],
    ['optional header absent → nothing, or the default value', '/app/optional', {}, [undefined, 'bar']],
    ['`/message/{foo}/{name}` variables', '/app/message/bar/value', {}, ['bar', 'value']],
    ['Long conversion', '/app/long/17', {}, 17],
    ['`.` and `/` in prefixes /app1, /app2/: the first', '/app1/long/1', {}, 1],
    ['`.` and `/` in prefixes /app1, /app2/: the second', '/app2/long/2', {}, 2],
  ])('%s', async (_, sent, headers, call) => {
    await joe.send(sent, undefined, headers);

    expect(calls).toEqual([call]);
  });

  it('SUBSCRIBE variables', async () => {
    await joe.subscribe('/app/sub/bar/value');

    expect(calls).toEqual([['bar', 'value']]);
  });

  it('validation failure → @MessageExceptionHandler', async () => {
    const errors = await joe.subscribe('/user/queue/errors');

    await joe.send('/app/validated', { name: '' });

    expect((await errors.next()).body).toContain('Got error: ');
    expect(calls).toEqual([]);
  });

  it.each([
    ['exception: best match', '/app/throws/it', 'Got bad input: Bad input'],
    ['matched by cause', '/app/throws/cause', 'Got bad input: outer'],
    ['future failure → exception handler', '/app/future/failure', 'Got bad input: Bad input'],
  ])('%s', async (_, sent, answer) => {
    const errors = await joe.subscribe('/user/queue/errors');

    await joe.send(sent);

    expect((await errors.next()).body).toBe(answer);
  });

  it('future success → converted', async () => {
    const heard = await joe.subscribe('/topic/future/success');

    await joe.send('/app/future/success');

    expect((await heard.next()).body).toBe('done');
  });
});

describe('SubscriptionMethodReturnValueHandlerTests', () => {
  it('reply goes to same session, subscription, destination, text/plain', async () => {
    const other = await connect('joe');
    const elsewhere = await other.subscribe('/topic/**');

    const { headers, body } = await (await joe.subscribe('/app/text')).next();

    expect([
      body,
      headers.get('subscription'),
      headers.get('destination'),
      headers.get('content-type'),
    ]).toEqual(['text', '0', '/app/text', 'text/plain;charset=UTF-8']);
    expect(await elsewhere.rest()).toEqual([]);
  });
});

describe('SimpMessagingTemplateTests', () => {
  it.each([
    ['toUser → /user/joe/queue/foo', 'joe'],
    ['slashes in name → %2F', 'http://joe.openid.example.org/'],
  ])('%s', async (_, name) => {
    const client = await connect(name);
    const foo = await client.subscribe('/user/queue/foo');

    application.get(MessagingTemplate).convertAndSendToUser(name, '/queue/foo', 'data');

    expect((await foo.next()).body).toBe('data');
  });

  it('headers map → native headers', async () => {
    const foo = await joe.subscribe('/topic/foo');

    application.get(MessagingTemplate).convertAndSend('/topic/foo', 'data', { key: 'value' });

    expect((await foo.next()).headers.get('key')).toBe('value');
  });
});

describe('DestinationPatternsMessageCondition', () => {
  it.each(['/t1/m1', '/t1/m2', '/t2/m1', '/t2/m2'])(
    '{t1,t2}×{m1,m2} → 4 combined: %s',
    async (destination) => {
      const heard = await joe.subscribe(`/topic${destination}`);

      await joe.send(`/app${destination}`);

      expect((await heard.next()).body).toBe('combined');
    },
  );

  it('`foo` → `/foo`', async () => {
    const heard = await joe.subscribe('/topic/t1/foo');

    await joe.send('/app/t1/foo');

    expect((await heard.next()).body).toBe('slashed');
  });

  it.each([
    ['exact', '/app/sorted/exact'],
    ['*', '/app/sorted/bar'],
    ['**', '/app/sorted/bar/baz'],
  ])('sort: exact, `*`, `**`: %s', async (found, destination) => {
    expect((await (await joe.subscribe(destination)).next()).body).toBe(found);
  });
});

describe('PayloadMethodArgumentResolverTests', () => {
  it.each([
    ['required payload empty → not-valid', undefined, {}, 'The payload is missing.'],
    [
      'not convertible → conversion error',
      'x',
      { 'content-type': 'application/json' },
      'The payload is not JSON',
    ],
  ])('%s', async (_, payload, headers, words) => {
    const errors = await joe.subscribe('/user/queue/errors');

    await joe.send('/app/payload', payload, headers);

    expect((await errors.next()).body).toContain(words);
    expect(calls).toEqual([]);
  });

  it('not required → null', async () => {
    await joe.send('/app/payload/optional');

    expect(calls).toEqual([undefined]);
  });

  it('HeaderMethodArgumentResolverTests: missing → error', async () => {
    const errors = await joe.subscribe('/user/queue/errors');

    await joe.send('/app/headers');

    expect((await errors.next()).body).toBe('Got error: The header foo is missing.');
  });
});

describe('DefaultSimpUserRegistryTests', () => {
  it.each([1, 3])('%d sessions per user', async (count) => {
    await Promise.all(Array.from({ length: count }, () => connect('fred')));

    expect(application.get(UserRegistry).user('fred')?.sessions).toHaveLength(count);
  });

  it('2 disconnects → 1 left', async () => {
    const [one, two, three] = [await connect('fred'), await connect('fred'), await connect('fred')];

    two.leave();
    three.leave();

    expect(
      application
        .get(UserRegistry)
        .user('fred')
        ?.sessions.map(({ id }) => id),
    ).toEqual([one.wire.session.id]);
  });

  it('findSubscriptions by destination → 2 ids', async () => {
    const [one, two] = [await connect('fred'), await connect('fred')];
    await one.subscribe('/topic/match');
    await two.subscribe('/topic/match');
    await two.subscribe('/topic/other');

    const found = application
      .get(UserRegistry)
      .findSubscriptions(({ destination }) => destination === '/topic/match');

    expect(found.flatMap(({ subscriptions }) => subscriptions)).toHaveLength(2);
  });
});

describe('StompWebSocketIntegrationTests', () => {
  it('SEND /app/simple reaches controller', async () => {
    await joe.send('/app/payload', 'simple');

    expect(calls).toEqual(['simple']);
  });

  it('/app/increment 5 → /topic/increment gets 6', async () => {
    const heard = await joe.subscribe('/topic/increment');

    await joe.send('/app/increment', 5);

    expect((await heard.next()).json).toBe(6);
  });

  it.each([
    ['1000 SENDs to /topic/foo in order', '/topic/foo', '/topic/foo'],
    ['1000 to /user/joe/queue/foo in order', '/user/queue/foo', '/user/joe/queue/foo'],
  ])('%s', async (_, destination, address) => {
    const heard = await joe.subscribe(destination);
    const expected = Array.from({ length: 1000 }, (__, i) => `${i}`);

    const template = application.get(MessagingTemplate);
    if (address.startsWith('/user')) expected.forEach((body) => template.convertAndSend(address, body));
    else await Promise.all(expected.map((body) => joe.send(address, body)));

    expect(await bodies(heard, 1000)).toEqual(expected);
  });

  it('SUBSCRIBE /app/number → 42 directly', async () => {
    expect((await (await joe.subscribe('/app/number')).next()).json).toBe(42);
  });

  it('controller exception → MESSAGE on /user/queue/errors', async () => {
    const errors = await joe.subscribe('/user/queue/errors');

    await joe.send('/app/long/x');

    expect((await errors.next()).body).toMatch(/^Got error: /);
  });
});
