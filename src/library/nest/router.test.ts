import { Controller, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Refusal } from '../errors.js';
import type { ApplicationRequest, User } from '../session/ports.js';
import { DestinationVariable, MessageMapping, Payload, Principal, SubscribeMapping } from './decorators.js';
import { MessageExceptionHandler } from './exception-handlers.js';
import { MessagingModule } from './messaging.module.js';
import { MessageRouter } from './router.js';
import { SendTo } from './send-to.js';

const ada: User = { name: 'ada@example.org', roles: ['patient'] };

const messaging = MessagingModule.forRoot({
  authenticator: { authenticate: () => Promise.resolve(ada) },
  authorizer: { isAllowed: () => true },
});

const nobody = { deliver: () => {}, hasCapacity: () => true, onCapacity: () => {} };

const calls: unknown[][] = [];

@Controller()
class RoomController {
  @MessageMapping('/rooms/{room}')
  say(
    @DestinationVariable('room') room: string,
    @Principal() user: User,
    @Payload() payload: unknown,
  ): string {
    calls.push(['say', room, user.name, payload]);
    return 'ignored';
  }

  @MessageMapping('rooms/all')
  sayToAll(): void {
    calls.push(['sayToAll']);
  }

  @MessageMapping('/rooms.{room}.close')
  async close(@DestinationVariable('room') room: string): Promise<void> {
    await Promise.resolve();
    calls.push(['close', room]);
  }

  @MessageMapping('/read')
  read(@Payload(z.object({ ids: z.array(z.number()) })) payload: { ids: number[] }): void {
    calls.push(['read', payload.ids]);
  }

  @SubscribeMapping('/rooms')
  rooms(): string[] {
    return ['a', 'b'];
  }

  @SubscribeMapping('/nothing')
  nothing(): void {}
}

@Injectable()
class Greeter {
  readonly #greeting = 'hello';

  @MessageMapping('/greet')
  greet(): void {
    calls.push([this.#greeting]);
  }
}

describe('the router', () => {
  const applications: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    calls.length = 0;
    await Promise.all(applications.splice(0).map((application) => application.close()));
  });

  async function routerOf(...controllers: Type[]): Promise<MessageRouter> {
    @Module({ imports: [messaging], controllers, providers: [Greeter] })
    class TestModule {}
    const application = await NestFactory.createApplicationContext(TestModule, {
      logger: false,
      abortOnError: false,
    });
    applications.push(application);
    return application.get(MessageRouter);
  }

  it('calls the method of a destination with variables, payload and user', async () => {
    const router = await routerOf(RoomController);

    await router.send(request('/app/rooms/ada%40example.org', '{"text":"hi"}'));

    expect(calls).toEqual([['say', 'ada@example.org', 'ada@example.org', { text: 'hi' }]]);
  });

  it('finds methods of providers, and calls them on their instance', async () => {
    const router = await routerOf();

    await router.send(request('/app/greet'));

    expect(calls).toEqual([['hello']]);
  });

  it('prefers a literal segment to a variable', async () => {
    const router = await routerOf(RoomController);

    await router.send(request('/app/rooms/all'));

    expect(calls).toEqual([['sayToAll']]);
  });

  it('waits for an asynchronous method', async () => {
    const router = await routerOf(RoomController);

    await router.send(request('/app/rooms.blue.close'));

    expect(calls).toEqual([['close', 'blue']]);
  });

  it.each([
    ['SEND', '/app/rooms/blue', true],
    ['SEND', '/app/rooms/a.b', true],
    ['SEND', '/app/rooms/blue/chat', false],
    ['SEND', '/app/rooms/', false],
    ['SEND', '/app/rooms', false],
    ['SUBSCRIBE', '/app/rooms', true],
    ['SEND', '/app/rooms.a.b.close', false],
    ['SEND', '/app/rooms.a/b.close', false],
    ['SEND', '/app/rooms/%zz', false],
    ['SEND', '/app/toString', false],
  ] as const)('answers to %s %s: %s', async (verb, destination, answer) => {
    const router = await routerOf(RoomController);

    expect(router.handles(verb, destination)).toBe(answer);
  });

  it('gives the value of a subscribe method to the one who subscribed', async () => {
    const router = await routerOf(RoomController);

    const reply = await router.subscribe(request('/app/rooms'), nobody);

    expect(reply?.headers.get('content-type')).toBe('application/json');
    expect(Buffer.from(reply?.body ?? []).toString()).toBe('["a","b"]');
    expect(await router.subscribe(request('/app/nothing'), nobody)).toBeUndefined();
  });

  it.each([
    ['{"ids":"7"}', 'ids: '],
    ['{"ids":[7,"8"]}', 'ids.1: '],
    ['', 'is missing'],
    ['{', 'not JSON'],
  ])('refuses the payload %s and says where it is wrong', async (body, words) => {
    const router = await routerOf(RoomController);

    const refusal = await router.send(request('/app/read', body)).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code: 'handler_failed', message: expect.stringContaining(words) });
    expect(calls).toEqual([]);
  });

  it('reads text and bytes by their content-type', async () => {
    const router = await routerOf(RoomController);

    await router.send(request('/app/rooms/x', 'hi', 'text/plain;charset=utf-8'));
    await router.send(request('/app/rooms/x', 'hi', 'application/octet-stream'));

    expect(calls.map((call) => call[3])).toEqual(['hi', Buffer.from('hi')]);
  });

  it('lets what a method throws through', async () => {
    class Failing {
      @MessageMapping('/fail')
      fail(): void {
        throw new Refusal('forbidden', 'not you');
      }
    }
    const router = await routerOf(Failing);

    await expect(router.send(request('/app/fail'))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('takes the prefix of a class for a pattern that is empty', async () => {
    @MessageMapping('/lobby')
    class Lobby {
      @MessageMapping('')
      enter(): void {
        calls.push(['enter']);
      }
    }
    const router = await routerOf(Lobby);

    await router.send(request('/app/lobby'));

    expect(calls).toEqual([['enter']]);
  });

  it('says of which class a constructor asks for what only methods get', () => {
    expect(() => {
      class Misled {
        constructor(@Payload() readonly payload: unknown) {}
      }
      return Misled;
    }).toThrow('Misled: message parameters belong to methods, not to constructors');
  });

  it('refuses to start with two methods on one address, and names both', async () => {
    class Twin {
      @MessageMapping('/rooms/{other}')
      speak(): void {}
    }

    await expect(routerOf(RoomController, Twin)).rejects.toThrow(
      'RoomController#say and Twin#speak both answer to SEND /app/rooms/{}',
    );
  });

  it.each([
    ['a parameter that nothing fills', Bare, 'Bare#bare: parameter 1 needs @Payload'],
    ['a variable that the pattern lacks', Lost, 'Lost#lost: there is no {there} in its pattern'],
    [
      'a target whose variable the pattern lacks',
      Astray,
      'Astray#astray: /topic/{room}: there is no {room} in its pattern',
    ],
    [
      'a target that is no destination',
      Nowhere,
      'Nowhere#nowhere: a value is sent to /topic/… or /queue/…, not to topic/x',
    ],
    ['a pattern that is none', Broken, 'Broken#broken: /rooms/a{room}: {name}, * and ** fill a segment'],
    ['an empty pattern', Empty, 'Empty#empty: a pattern without a prefix can’t be empty'],
    ['an exception handler that nothing fills', Unfilled, 'Unfilled#answer: parameter 1 needs @Payload'],
    [
      'an exception handler whose target has a variable',
      Unplaced,
      'Unplaced#answer: /topic/{room}: there is no {room}',
    ],
    ['two methods for one error', Doubtful, 'Doubtful#one and Doubtful#other both answer to RangeError'],
  ])('refuses to start with %s', async (_, controller, words) => {
    await expect(routerOf(controller)).rejects.toThrow(words);
  });
});

class Bare {
  @MessageMapping('/bare')
  bare(value: unknown): unknown {
    return value;
  }
}

class Lost {
  @MessageMapping('/lost/{here}')
  lost(@DestinationVariable('there') value: string): string {
    return value;
  }
}

class Astray {
  @MessageMapping('/astray')
  @SendTo('/topic/{room}')
  astray(): void {}
}

class Nowhere {
  @MessageMapping('/nowhere')
  @SendTo('topic/x')
  nowhere(): void {}
}

class Broken {
  @MessageMapping('/rooms/a{room}')
  broken(): void {}
}

class Empty {
  @MessageMapping('')
  empty(): void {}
}

class Unfilled {
  @MessageExceptionHandler()
  answer(error: Error): string {
    return error.message;
  }

  @MessageMapping('/unfilled')
  unfilled(): void {}
}

class Unplaced {
  @MessageExceptionHandler()
  @SendTo('/topic/{room}')
  answer(): void {}

  @MessageMapping('/unplaced')
  unplaced(): void {}
}

class Doubtful {
  @MessageMapping('/doubtful')
  doubtful(): void {}

  @MessageExceptionHandler(RangeError)
  one(): void {}

  @MessageExceptionHandler(RangeError)
  other(): void {}
}

function request(destination: string, body = '', contentType?: string): ApplicationRequest {
  return {
    destination,
    headers: new Map(contentType ? [['content-type', contentType]] : []),
    body: Buffer.from(body),
    session: {
      id: 'session',
      user: ada,
      transport: 'memory',
      attributes: new Map(),
      left: new AbortController().signal,
    },
    left: new AbortController().signal,
    fail: () => {},
  };
}
