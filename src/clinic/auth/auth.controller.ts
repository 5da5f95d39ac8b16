import { Body, Controller, Get, Headers, HttpCode, Ip, Post } from '@nestjs/common';
import { Left } from '../http/left.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { UsersService, type Person } from '../users/users.service.js';
import { CurrentUser, Public } from './access.js';
import { Accounts } from './accounts.js';
import { LoginSessions } from './login-sessions.js';
import { Passwords } from './passwords.js';
import { Refusal } from '../errors.js';
import { loginSchema, registrationSchema, type Login, type Registration } from './schemas.js';
import type { SignedIn } from './signed-in.js';
import { Tickets, type Ticket } from './tickets.js';

/** What a login and a refresh are answered with. */
export interface LoginAnswer {
  readonly token: string;
  readonly expiresAt: Date;
  /** Seconds from now until then: a client's clock may say another time than ours. */
  readonly expiresIn: number;
  readonly user: Person;
}

/** REST of registration, login and logout. */
@Controller('api')
export class AuthController {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly sessions: LoginSessions,
    private readonly tickets: Tickets,
  ) {}

  @Public()
  @Post('auth/login')
  @HttpCode(200)
  async login(
    @Body(new ZodPipe(loginSchema)) login: Login,
    @Ip() remoteAddress: string,
    @Left() left: AbortSignal,
    @Headers('user-agent') device?: string,
  ): Promise<LoginAnswer> {
    const person = await this.passwords.confirm(login.email, login.password, { remoteAddress, left });
    return this.#answer(person, await this.sessions.open(person, { device, stays: login.stay }));
  }

  @Post('auth/refresh')
  @HttpCode(200)
  async refresh(@CurrentUser() user: SignedIn): Promise<LoginAnswer> {
    return this.#answer(await this.#person(user), await this.sessions.extend(user));
  }

  @Post('auth/logout')
  @HttpCode(204)
  logout(@CurrentUser() user: SignedIn): Promise<void> {
    return this.sessions.revoke(user);
  }

  @Public()
  @Post('auth/register')
  register(
    @Body(new ZodPipe(registrationSchema)) registration: Registration,
    @Ip() remoteAddress: string,
    @Left() left: AbortSignal,
  ): Promise<Person> {
    return this.accounts.register(registration, { remoteAddress, left });
  }

  @Post('auth/ticket')
  ticket(@CurrentUser() user: SignedIn): Promise<Ticket> {
    return this.tickets.issue(user);
  }

  @Get('me')
  me(@CurrentUser() user: SignedIn): Promise<Person> {
    return this.#person(user);
  }

  #answer(user: Person, signedIn: SignedIn): LoginAnswer {
    const token = this.sessions.issue(signedIn);
    const expiresIn = Math.max(0, Math.floor((signedIn.expiresAt - Date.now()) / 1_000));
    return { token, expiresAt: new Date(signedIn.expiresAt), expiresIn, user };
  }

  async #person(user: SignedIn): Promise<Person> {
    const person = await this.users.find(user.id);
    if (!person) throw new Refusal('auth_failed', 'This account is gone.');
    return person;
  }
}
