import { randomBytes } from 'node:crypto';
import { Logger, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Limits } from '../limits.js';
import { agreedValue } from '../../library/store/agreed-value.js';
import { Store } from '../../library/store/store.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { Account } from './account.js';
import { AccountController } from './account.controller.js';
import { Accounts } from './accounts.js';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { CarillonAuthenticator } from './authenticator.js';
import { DemoController } from './demo.controller.js';
import { lockOutDemoUsers, seedDemoUsers } from './demo-users.js';
import { CarillonAuthorizer, type Authorization } from './grants.js';
import { EmailChange } from './email-change.js';
import { IssuerKeys } from './issuer-keys.js';
import { LiveSessions } from './live-sessions.js';
import { LoginPruning } from './login-pruning.js';
import { LoginSessions } from './login-sessions.js';
import type { SendLinkMail } from './mailed-link.js';
import { Passwords } from './passwords.js';
import { Revocations } from './revocations.js';
import { Tickets } from './tickets.js';
import { foreignTokens, ownTokens, type Tokens } from './tokens.js';
import { UserTurns } from './user-turns.js';

/** Whose tokens are taken, and how rights are asked for. */
export interface AuthOptions {
  /** An own HS256 secret of at least 32 bytes, one that is kept in the database, or where an issuer's keys are. */
  readonly tokens:
    | { readonly secret: string }
    | { readonly secretIn: 'the database' }
    | { readonly jwksUrl: string; readonly issuer?: string };
  readonly authorization: Authorization;
  /** Seeds the demo users and shows their sign-in cards. */
  readonly demo: boolean;
  readonly limits: Limits;
  /** Where the page is, for links in mails. */
  readonly page: string;
  /** Sends a mail. Undefined: the demo writes its link into the log; without DEMO no password is replaced by one. */
  readonly mail?: SendLinkMail;
}

/** Authentication and authorization: for HTTP by a guard before every route, for CONNECT by an authenticator. */
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      imports: [UsersModule],
      controllers: [AuthController, AccountController, ...(options.demo ? [DemoController] : [])],
      providers: [
        ...providersOf(options),
        CarillonAuthenticator,
        { provide: APP_GUARD, useClass: AuthGuard },
      ],
      exports: [CarillonAuthenticator, CarillonAuthorizer, LiveSessions, LoginSessions, Passwords],
    };
  }
}

function providersOf({ tokens, authorization, demo, limits, page, mail }: AuthOptions): Provider[] {
  return [
    {
      provide: LiveSessions,
      inject: [Store],
      useFactory: (store: Store) => {
        const logger = new Logger(LiveSessions.name);
        const revocations = new Revocations(store);
        return new LiveSessions({
          pollMs: limits.revocationPollMs,
          look: (live, isOf) => revocations.look(live, isOf),
          logError: (message, error) => logger.error(message, error),
        });
      },
    },
    {
      provide: LoginSessions,
      inject: [Store, UsersService, LiveSessions],
      useFactory: async (store: Store, users: UsersService, live: LiveSessions) =>
        new LoginSessions(store, users, { limits, tokens: await tokensOf(tokens, limits, store), live }),
    },
    {
      provide: LoginPruning,
      inject: [Store],
      useFactory: (store: Store) => new LoginPruning(store, limits),
    },
    {
      provide: Passwords,
      inject: [UsersService],
      useFactory: (users: UsersService) => new Passwords(users, limits),
    },
    {
      provide: Accounts,
      inject: [Store, UsersService, Passwords],
      useFactory: (store: Store, users: UsersService, passwords: Passwords) =>
        new Accounts(store, users, passwords, limits),
    },
    {
      provide: Account,
      inject: [Store, UsersService, Passwords, LoginSessions],
      useFactory: (store: Store, users: UsersService, passwords: Passwords, sessions: LoginSessions) => {
        const logger = new Logger(Account.name);
        return new Account(store, users, passwords, sessions, {
          limits,
          page,
          mail: mail ?? (demo ? async ({ text }) => logger.log(text) : undefined),
          logError: (message, error) => logger.error(message, error),
        });
      },
    },
    {
      provide: EmailChange,
      inject: [Store, UsersService, Passwords, LoginSessions],
      useFactory: (store: Store, users: UsersService, passwords: Passwords, sessions: LoginSessions) => {
        const logger = new Logger(EmailChange.name);
        return new EmailChange(store, users, passwords, sessions, {
          limits,
          page,
          mail: mail ?? (demo ? async ({ text }) => logger.log(text) : undefined),
          logError: (message, error) => logger.error(message, error),
        });
      },
    },
    {
      provide: Tickets,
      inject: [Store],
      useFactory: (store: Store) => new Tickets(store, limits),
    },
    { provide: UserTurns, useFactory: () => new UserTurns(limits) },
    { provide: CarillonAuthorizer, useFactory: () => new CarillonAuthorizer(authorization) },
    demo ? demoSeed : demoLock,
  ];
}

const demoSeed: Provider = {
  provide: 'carillon:demo',
  inject: [Store, UsersService],
  useFactory: (store: Store, users: UsersService) => seedDemoUsers(store, users),
};

const demoLock: Provider = {
  provide: 'carillon:demo',
  inject: [Store, UsersService],
  useFactory: async (store: Store, users: UsersService) => {
    const lockedOut = await lockOutDemoUsers(store, users);
    if (lockedOut.length > 0)
      new Logger(AuthModule.name).warn(
        `Locked out ${lockedOut.length} users of a demo on this database: DEMO is off`,
      );
  },
};

async function tokensOf(settings: AuthOptions['tokens'], limits: Limits, store: Store): Promise<Tokens> {
  if ('secret' in settings) return ownTokens(Buffer.from(settings.secret));
  if ('secretIn' in settings) {
    const secret = await agreedValue(store, 'jwt secret', () => randomBytes(32).toString('base64url'));
    return ownTokens(Buffer.from(secret));
  }
  const logger = new Logger(IssuerKeys.name);
  const keys = new IssuerKeys(new URL(settings.jwksUrl), {
    limits,
    tell: (message, error) => (error === undefined ? logger.log(message) : logger.error(message, error)),
  });
  return foreignTokens(keys, settings.issuer);
}
