import {
  Catch,
  Controller,
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory, REQUEST } from '@nestjs/core';
import { IsInt } from 'class-validator';
import { map, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationRequest, ClientSession } from '../session/ports.js';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { MessageException, MessageMapping, Payload, SubscribeMapping } from './decorators.js';
import { MessageExceptionHandler, MessagingAdvice } from './exception-handlers.js';
import { MessagingModule } from './messaging.module.js';
import type { MessagingOptions } from './options.js';

let calls: string[];

/** Each kind of thing that Nest puts around a method, telling who it is. */
function guard(name: string): CanActivate {
  return {
    canActivate(context: ExecutionContext): boolean {
      calls.push(`${name} guard, ${context.getType()}`);
      return context.switchToWs().getClient<ClientSession>().user.name !== 'eve';
    },
  };
}

function interceptor(name: string): NestInterceptor {
  return {
    intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
      calls.push(`${name} interceptor`);
      return next.handle().pipe(map((value) => `${name}(${String(value)})`));
    },
  };
}

function pipe(name: string): PipeTransform {
  return {
    transform(value: unknown) {
      calls.push(`${name} pipe`);
      return value;
    },
  };
}

function filter(name: string): ExceptionFilter {
  @Catch()
  class Caught implements ExceptionFilter {
    catch(error: Error, host: ArgumentsHost): void {
      calls.push(`${name} filter, ${host.getType()}: ${error.message}`);
    }
  }
  return new Caught();
}

class Answered extends Error {}

class Order {
  @IsInt() shares!: number;
}

@Controller()
@UseGuards(guard('class'))
@UseInterceptors(interceptor('class'))
@UsePipes(pipe('class'))
class Desk {
  @SubscribeMapping('/ask')
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  ask(@Payload({ defaultValue: 'x' }, pipe('parameter')) payload: string): string {
    return payload;
  }

  @MessageMapping('/order')
  order(@Payload() order: Order): void {
    calls.push(order.constructor.name);
  }

  @MessageMapping('/fail')
  fail(): void {
    throw new Error('failed');
  }

  @MessageMapping('/fail/filtered')
  @UseFilters(filter('method'))
  failFiltered(): void {
    throw new Error('failed');
  }

  @MessageMapping('/fail/advised')
  failAdvised(): void {
    throw new Answered('failed');
  }
}

/** No controller: Nest doesn't look for its guards by itself. */
@Injectable()
class Clerk {
  @MessageMapping('/clerk')
  clerk(): void {
    calls.push('clerk');
  }
}

@MessagingAdvice()
class Advice {
  @MessageExceptionHandler(Answered)
  onAnswered(@MessageException() error: Error): void {
    calls.push(`advice: ${error.message}`);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerMessage implements CanActivate {
  static made = 0;
  readonly #number = ++PerMessage.made;
  constructor(@Inject(REQUEST) private readonly request: ApplicationRequest) {}

  canActivate(): boolean {
    calls.push(`${this.#number}: ${this.request.destination}`);
    return this.request.session.user.name !== 'eve';
  }
}

@Catch()
@Injectable({ scope: Scope.REQUEST })
class FilterPerMessage implements ExceptionFilter {
  constructor(@Inject(REQUEST) private readonly request: ApplicationRequest) {}

  catch(error: Error): void {
    calls.push(`${this.request.destination}: ${error.message}`);
  }
}

let application: INestApplication | undefined;

beforeEach(() => {
  calls = [];
  PerMessage.made = 0;
});
afterEach(() => application?.close());

async function start(
  providers: readonly Provider[],
  { methods, prepare }: Pick<MessagingOptions, 'methods'> & { prepare?(application: INestApplication): void },
): Promise<TestClient> {
  @Module({
    imports: [
      MessagingModule.forRoot({
        authenticator: anybody,
        authorizer: { isAllowed: () => true },
        ...(methods && { methods }),
      }),
    ],
    controllers: [Desk],
    providers: [Clerk, Advice, ...providers],
  })
  class TestModule {}
  application = await NestFactory.create(TestModule, { logger: false, abortOnError: false });
  prepare?.(application);
  await application.init();
  return TestClient.connect(application, { login: 'ada' });
}

describe('what stands around everything', () => {
  it('is asked in the order of Nest: for messages, for all, for the class, for the method', async () => {
    const ada = await start(
      [
        { provide: APP_GUARD, useValue: guard('app') },
        { provide: APP_INTERCEPTOR, useValue: interceptor('app') },
        { provide: APP_PIPE, useValue: pipe('app') },
      ],
      {
        methods: {
          guards: [guard('messages')],
          interceptors: [interceptor('messages')],
          pipes: [pipe('messages')],
        },
        prepare(application) {
          application.useGlobalGuards(guard('global'));
          application.useGlobalInterceptors(interceptor('global'));
          application.useGlobalPipes(pipe('global'));
        },
      },
    );

    const reply = await ada.subscribe('/app/ask');

    const places = ['messages', 'app', 'global', 'class', 'method'];
    expect(calls).toEqual([
      ...places.map((place) => `${place} guard, stomp`),
      ...places.map((place) => `${place} interceptor`),
      ...[...places, 'parameter'].map((place) => `${place} pipe`),
    ]);
    expect((await reply.next()).body).toBe('messages(app(global(class(method(x)))))');
  });

  it.each(['/app/order', '/app/clerk'])(
    'refuses whom a guard of the application doesn’t let: %s',
    async (to) => {
      await start([{ provide: APP_GUARD, useValue: guard('app') }], {});
      const eve = await TestClient.connect(application!, { login: 'eve' });

      await expect(eve.send(to, { shares: 1 })).rejects.toMatchObject({ code: 'forbidden' });
      expect(calls).toEqual(['app guard, stomp']);
    },
  );

  it('checks payloads by a ValidationPipe of the application, which names the fields', async () => {
    const ada = await start([], {
      prepare: (application) => application.useGlobalPipes(new ValidationPipe({ transform: true })),
    });

    await ada.send('/app/order', { shares: 7 });
    expect(calls.at(-1)).toBe('Order');

    await expect(ada.send('/app/order', { shares: 'many' })).rejects.toMatchObject({
      code: 'handler_failed',
      message: 'shares must be an integer number',
    });
  });

  it.each([
    ['/app/fail', 'global filter, stomp: failed'],
    ['/app/fail/filtered', 'method filter, stomp: failed'],
    ['/app/fail/advised', 'advice: failed'],
  ])('has its filters asked last, behind method, class and advice: %s', async (destination, answer) => {
    const ada = await start([], {
      prepare: (application) => application.useGlobalFilters(filter('global')),
    });

    await ada.send(destination);

    expect(calls.at(-1)).toBe(answer);
  });

  it('may have a filter for messages alone', async () => {
    const ada = await start([{ provide: APP_FILTER, useValue: filter('app') }], {
      methods: { filters: [filter('messages')] },
    });

    await ada.send('/app/fail');

    expect(calls.at(-1)).toBe('messages filter, stomp: failed');
  });

  it('may throw on what is none of its business, and the client hears that', async () => {
    @Catch()
    class OnlyHttp implements ExceptionFilter {
      catch(error: unknown, host: ArgumentsHost): void {
        if (host.getType() !== 'http') throw error;
      }
    }
    const ada = await start([{ provide: APP_FILTER, useClass: OnlyHttp }], {
      methods: {
        guards: [
          {
            canActivate() {
              throw new ForbiddenException('not today');
            },
          },
        ],
      },
    });

    await expect(ada.send('/app/clerk')).rejects.toMatchObject({ code: 'forbidden', message: 'not today' });
  });

  it('may be made for each message, for controllers and providers alike', async () => {
    const ada = await start(
      [
        { provide: APP_GUARD, useClass: PerMessage, scope: Scope.REQUEST },
        { provide: APP_FILTER, useClass: FilterPerMessage, scope: Scope.REQUEST },
      ],
      {},
    );

    await ada.send('/app/clerk');
    await ada.send('/app/fail');
    expect(calls).toEqual([
      '1: /app/clerk',
      'clerk',
      '2: /app/fail',
      'class guard, stomp',
      'class interceptor',
      '/app/fail: failed',
    ]);

    const eve = await TestClient.connect(application!, { login: 'eve' });
    await eve.send('/app/clerk');
    expect(calls.slice(-2)).toEqual(['3: /app/clerk', '/app/clerk: Forbidden resource']);
  });
});
