import {
  BadRequestException,
  Catch,
  Controller,
  createParamDecorator,
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  ParseIntPipe,
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
  type INestApplicationContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { IsInt, IsString, Length } from 'class-validator';
import { map, type Observable } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationRequest, ClientSession, User } from '../session/ports.js';
import { TestClient, type TestSubscription } from '../testing/test-client.js';
import {
  ConnectedSession,
  DestinationVariable,
  Frame,
  Header,
  Headers,
  MessageException,
  MessageMapping,
  Payload,
  Principal,
  SubscribeMapping,
} from './decorators.js';
import { MessageExceptionHandler, MessagingAdvice } from './exception-handlers.js';
import { MessagingModule } from './messaging.module.js';
import { PayloadError } from './payload-error.js';
import { SendTo, SendToUser } from './send-to.js';

const calls: unknown[] = [];

@Injectable()
class Tally {
  admitted = 0;
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly tally: Tally) {}

  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToWs().getClient<ClientSession>();
    const { destination } = context.switchToWs().getData<ApplicationRequest>();
    calls.push([context.getType(), context.getClass().name, context.getHandler().name, destination]);
    this.tally.admitted++;
    return user.name === 'ada';
  }
}

@Injectable()
class Bracket implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => `[${String(value)}]`));
  }
}

@Injectable()
class Doubled implements PipeTransform<unknown, number> {
  constructor(private readonly tally: Tally) {}

  transform(value: unknown): number {
    return this.tally ? Number(value) * 2 : Number.NaN;
  }
}

const Attribute = createParamDecorator((name: string, context: ExecutionContext) =>
  context.switchToWs().getClient<ClientSession>().attributes.get(name),
);

class Booking {
  @IsInt() doctor!: number;
  @IsString() @Length(3) reason!: string;
}

class Teapot extends Error {}
class SmallTeapot extends Teapot {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(error: Teapot, host: ArgumentsHost): void {
    calls.push(['filter', host.getType(), error.message]);
    if (error.message === 'rethrow') throw new ForbiddenException('no tea');
  }
}

@Controller()
@MessageMapping('/desk')
class DeskController {
  @MessageMapping('/all/{id}/{name}')
  all(
    @DestinationVariable('id', ParseIntPipe) id: number,
    @DestinationVariable('name') name: string,
    @Header('priority') priority: string,
    @Header('color', { required: false }) color: string | undefined,
    @Header('size', { defaultValue: 'M' }) size: string,
    @Headers() headers: ReadonlyMap<string, string>,
    @Payload() payload: unknown,
    @Principal() user: User,
    @ConnectedSession() session: ClientSession,
    @Frame() frame: ApplicationRequest,
  ): void {
    session.attributes.set('seen', name);
    calls.push({
      id,
      name,
      priority,
      color,
      size,
      headers: [...headers.keys()],
      payload,
      user: user.name,
      isSame: frame.session === session,
    });
  }

  @MessageMapping('/seen')
  seen(@Attribute('seen') seen: string): void {
    calls.push(seen);
  }

  @MessageMapping('/book')
  @UsePipes(new ValidationPipe({ transform: true }))
  book(@Payload() booking: Booking): void {
    calls.push(booking);
  }

  @MessageMapping('/maybe')
  maybe(@Payload({ required: false }) payload: unknown): void {
    calls.push(payload);
  }

  @MessageMapping('/double')
  double(@Payload(Doubled) value: number): void {
    calls.push(value);
  }

  @MessageMapping('/guarded')
  @UseGuards(RoleGuard)
  guarded(): void {
    calls.push('in');
  }

  @SubscribeMapping('/bracketed')
  @UseInterceptors(Bracket)
  bracketed(): string {
    return 'x';
  }

  @MessageMapping('/tea')
  @UseFilters(TeapotFilter)
  tea(@Payload() message: string): void {
    throw new SmallTeapot(message);
  }

  @MessageMapping('/one', '/two')
  several(): void {
    calls.push('several');
  }
}

@Controller()
@MessageMapping('/out')
class OutController {
  @MessageMapping('/{room}/plain')
  plain(@DestinationVariable('room') room: string): object {
    return { room };
  }

  @MessageMapping('/{room}/to')
  @SendTo('/topic/a/{room}', '/topic/b')
  async to(): Promise<string> {
    return 'said';
  }

  @MessageMapping('/user')
  @SendToUser('/queue/mine')
  toUser(): string {
    return 'yours';
  }

  @MessageMapping('/session')
  @SendToUser('/queue/mine', { broadcast: false })
  toSession(): string {
    return 'only yours';
  }

  @MessageMapping('/default')
  @SendToUser()
  toUserByDefault(): string {
    return 'default';
  }

  @MessageMapping('/both')
  @SendToUser('/queue/mine')
  @SendTo('/topic/b')
  both(): string {
    return 'both';
  }

  @MessageMapping('/nothing')
  nothing(): null {
    return null;
  }

  @MessageMapping('/stored')
  @SendTo('/queue/orders')
  stored(): string {
    return 'order';
  }

  @SubscribeMapping('/number')
  number(): number {
    return 42;
  }

  @SubscribeMapping('/published')
  @SendTo('/topic/b')
  published(): string {
    return 'by subscription';
  }

  @MessageMapping('/unsayable')
  unsayable(): bigint {
    return 1n;
  }
}

@Controller()
@SendTo('/topic/class')
class ClassTargetController {
  @MessageMapping('/class/default')
  byDefault(): string {
    return 'class';
  }

  @MessageMapping('/class/own')
  @SendTo('/topic/method')
  own(): string {
    return 'method';
  }

  @MessageMapping('/class/empty')
  @SendTo()
  empty(): string {
    return 'class again';
  }
}

@Controller()
class TroubleController {
  @MessageMapping('/trouble/{kind}')
  trouble(@DestinationVariable('kind') kind: string): void {
    if (kind === 'small') throw new SmallTeapot('small');
    if (kind === 'caused') throw new Error('outer', { cause: new Teapot('inner') });
    if (kind === 'bad') throw new BadRequestException('bad');
    throw new RangeError('for the advice');
  }

  @MessageMapping('/trouble/payload/{kind}')
  payload(@Payload({ parse: () => refuse() }) payload: unknown): void {
    calls.push(payload);
  }

  @MessageExceptionHandler(Teapot)
  onTeapot(@MessageException() error: Error, @Principal() user: User): string {
    return `${user.name}: ${error.message}`;
  }

  @MessageExceptionHandler(PayloadError)
  @SendToUser('/queue/mine', { broadcast: false })
  onPayload(@MessageException() error: PayloadError): unknown {
    return error.issues;
  }
}

abstract class Greeter {
  @MessageMapping('/greet/{name}')
  @SendTo('/topic/greetings')
  greet(@DestinationVariable('name') name: string): string {
    return `${this.word} ${name}`;
  }

  protected abstract readonly word: string;
}

@Controller()
class GermanGreeter extends Greeter {
  protected readonly word = 'Hallo';
}

@MessagingAdvice()
class Advice {
  @MessageExceptionHandler(RangeError)
  onRange(@MessageException() error: Error): string {
    return `advice: ${error.message}`;
  }
}

@Injectable({ scope: Scope.REQUEST })
class Ticket {
  static made = 0;
  readonly number = ++Ticket.made;
  constructor(@Inject(REQUEST) readonly request: ApplicationRequest) {}
}

@Controller()
class ScopedController {
  constructor(private readonly ticket: Ticket) {}

  @MessageMapping('/scoped')
  scoped(): void {
    calls.push([this.ticket.number, this.ticket.request.session.user.name]);
  }
}

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: { authenticate: ({ login = '' }) => Promise.resolve(userOf(login)) },
      authorizer: { isAllowed: () => true },
    }),
  ],
  controllers: [
    DeskController,
    OutController,
    ClassTargetController,
    TroubleController,
    ScopedController,
    GermanGreeter,
  ],
  providers: [Tally, Ticket, Advice],
})
class TestModule {}

let application: INestApplicationContext;
let ada: TestClient;

beforeAll(async () => {
  application = await NestFactory.createApplicationContext(TestModule, { logger: false });
});
afterAll(() => application.close());
beforeEach(async () => {
  calls.length = 0;
  ada = await TestClient.connect(application, { login: 'ada' });
});

describe('a method', () => {
  it('gets all that it asks for', async () => {
    await ada.send('/app/desk/all/7/b%2Fc', { text: 'hi' }, { priority: 'high' });

    expect(calls).toEqual([
      {
        id: 7,
        name: 'b/c',
        priority: 'high',
        color: undefined,
        size: 'M',
        headers: ['content-type', 'priority'],
        payload: { text: 'hi' },
        user: 'ada',
        isSame: true,
      },
    ]);
  });

  it('finds again what it left in the session, through a decorator of the application', async () => {
    await ada.send('/app/desk/all/7/x', {}, { priority: 'high' });
    await ada.send('/app/desk/seen');

    expect(calls[1]).toBe('x');
  });

  it('has its payload checked by a ValidationPipe, which names the fields', async () => {
    await ada.send('/app/desk/book', { doctor: 7, reason: 'check-up' });
    expect(calls[0]).toBeInstanceOf(Booking);

    await expect(ada.send('/app/desk/book', { doctor: 'x', reason: '' })).rejects.toMatchObject({
      code: 'handler_failed',
      message: expect.stringMatching(/doctor must be an integer.*; reason must be longer/),
    });
  });

  it.each([
    ['/app/desk/all/7/x', {}, {}, 'The header priority is missing.'],
    ['/app/desk/all/seven/x', {}, { priority: '1' }, 'Validation failed (numeric string is expected)'],
    ['/app/desk/double', undefined, {}, 'The payload is missing.'],
  ])('without what it needs is not called: %s %j %j', async (destination, payload, headers, message) => {
    await expect(ada.send(destination, payload, headers)).rejects.toMatchObject({ message });
    expect(calls).toEqual([]);
  });

  it('may do without a payload', async () => {
    await ada.send('/app/desk/maybe');

    expect(calls).toEqual([undefined]);
  });

  it('has pipes that Nest makes', async () => {
    await ada.send('/app/desk/double', 21);

    expect(calls).toEqual([42]);
  });

  it('is guarded: a guard sees the class, the method and the frame, and refuses with `forbidden`', async () => {
    await ada.send('/app/desk/guarded');
    expect(calls).toEqual([['stomp', 'DeskController', 'guarded', '/app/desk/guarded'], 'in']);

    const bob = await TestClient.connect(application, { login: 'bob' });
    await expect(bob.send('/app/desk/guarded')).rejects.toMatchObject({ code: 'forbidden' });
    expect(application.get(Tally).admitted).toBe(2);
  });

  it('is intercepted', async () => {
    const reply = await ada.subscribe('/app/desk/bracketed');

    expect((await reply.next()).body).toBe('[x]');
  });

  it('may have a filter for what it throws, which ends the matter or says another error', async () => {
    await ada.send('/app/desk/tea', 'hot');
    expect(calls).toEqual([['filter', 'stomp', 'hot']]);

    await expect(ada.send('/app/desk/tea', 'rethrow')).rejects.toMatchObject({
      code: 'forbidden',
      message: 'no tea',
    });
  });

  it('may answer to several patterns', async () => {
    await ada.send('/app/desk/one');
    await ada.send('/app/desk/two');

    expect(calls).toEqual(['several', 'several']);
  });

  it('of a class that is made for each message knows that message', async () => {
    await ada.send('/app/scoped');
    const bob = await TestClient.connect(application, { login: 'bob' });
    await bob.send('/app/scoped');

    expect(calls).toEqual([
      [1, 'ada'],
      [2, 'bob'],
    ]);
  });
});

describe('what a method returns', () => {
  it.each([
    ['/app/out/blue/plain', '/topic/out/blue/plain', '{"room":"blue"}'],
    ['/app/out/blue/to', '/topic/a/blue', 'said'],
    ['/app/out/a%2Fb/to', '/topic/a/a%2Fb', 'said'],
    ['/app/out/blue/to', '/topic/b', 'said'],
    ['/app/out/user', '/user/queue/mine', 'yours'],
    ['/app/out/default', '/user/queue/out/default', 'default'],
    ['/app/out/both', '/user/queue/mine', 'both'],
    ['/app/out/both', '/topic/b', 'both'],
    ['/app/out/stored', '/queue/orders', 'order'],
    ['/app/class/default', '/topic/class', 'class'],
    ['/app/class/own', '/topic/method', 'method'],
    ['/app/class/empty', '/topic/class', 'class again'],
    ['/app/greet/Ada', '/topic/greetings', 'Hallo Ada'],
  ])('to %s is heard on %s', async (destination, heardOn, body) => {
    const heard = await ada.subscribe(heardOn);

    await ada.send(destination);

    expect((await heard.next()).body).toBe(body);
    expect(heard.messages).toEqual([]);
  });

  it('goes to all sessions of its user, or with broadcast false to the one that sent', async () => {
    const phone = await TestClient.connect(application, { login: 'ada' });
    const onPhone = await phone.subscribe('/user/queue/mine');
    const here = await ada.subscribe('/user/queue/mine');

    await ada.send('/app/out/session');
    await ada.send('/app/out/user');

    expect(await bodies(here, 2)).toEqual(['only yours', 'yours']);
    expect(await bodies(onPhone, 1)).toEqual(['yours']);
  });

  it('is sent nowhere where it is nothing', async () => {
    const all = await ada.subscribe('/topic/**');

    await ada.send('/app/out/nothing');
    await ada.send('/app/out/both');

    expect((await all.next()).body).toBe('both');
  });

  it('to a SUBSCRIBE goes to that subscription alone, unless it is published', async () => {
    const published = await ada.subscribe('/topic/b');

    const number = await ada.subscribe('/app/out/number');
    await ada.subscribe('/app/out/published');

    const { body, headers } = await number.next();
    expect([body, headers.get('destination')]).toEqual(['42', '/app/out/number']);
    expect((await published.next()).body).toBe('by subscription');
  });

  it('and cannot be said is a fault of ours, and the client is told that there was one', async () => {
    const errors = await ada.subscribe('/user/queue/errors');

    await expect(ada.send('/app/out/unsayable')).rejects.toMatchObject({ code: 'handler_failed' });

    expect((await errors.next()).json).toMatchObject({ message: 'The method failed; the fault is ours.' });
  });
});

describe('what a method throws', () => {
  it.each([
    ['small', 'ada: small'],
    ['caused', 'ada: outer'],
    ['range', 'advice: for the advice'],
  ])('(%s) is answered by the nearest @MessageExceptionHandler', async (kind, answer) => {
    const errors = await ada.subscribe('/user/queue/errors');

    await ada.send(`/app/trouble/${kind}`);

    expect((await errors.next()).body).toBe(answer);
  });

  it('may be answered where the handler says', async () => {
    const mine = await ada.subscribe('/user/queue/mine');

    await ada.send('/app/trouble/payload/x', {});

    expect((await mine.next()).json).toEqual([{ path: 'a.0', message: 'no' }]);
  });

  it('and nobody answers is told by the session', async () => {
    await expect(ada.send('/app/trouble/bad')).rejects.toMatchObject({
      code: 'handler_failed',
      message: 'bad',
    });
    expect(await ada.ended()).toBe('handler_failed');
  });
});

function refuse(): never {
  throw Object.assign(new Error('no'), { issues: [{ path: ['a', 0], message: 'no' }] });
}

async function bodies(subscription: TestSubscription, count: number): Promise<string[]> {
  const taken = [];
  while (taken.length < count) taken.push((await subscription.next()).body);
  expect(subscription.messages).toEqual([]);
  return taken;
}

function userOf(name: string): User {
  return { name, roles: [] };
}
