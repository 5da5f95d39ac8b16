import { Body, Controller, Delete, Get, HttpCode, Ip, Param, Patch, Post, Put } from '@nestjs/common';
import { Left } from '../http/left.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { UsersService, type Person } from '../users/users.service.js';
import { CurrentUser, Public } from './access.js';
import { Account } from './account.js';
import { EmailChange } from './email-change.js';
import { LoginSessions, type OpenLogin } from './login-sessions.js';
import {
  accountChangeSchema,
  emailChangeSchema,
  emailConfirmationSchema,
  newPasswordSchema,
  passwordChangeSchema,
  resetSchema,
  type AccountChange,
  type EmailConfirmation,
  type NewEmail,
  type NewPassword,
  type PasswordChange,
  type Reset,
} from './schemas.js';
import { SignedIn } from './signed-in.js';

/** REST of one's own account, and of one's logins. */
@Controller('api')
export class AccountController {
  constructor(
    private readonly account: Account,
    private readonly emailChange: EmailChange,
    private readonly sessions: LoginSessions,
    private readonly users: UsersService,
  ) {}

  @Patch('me')
  async change(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(accountChangeSchema)) { name }: AccountChange,
  ): Promise<Person | undefined> {
    await this.account.rename(user, name);
    return this.users.find(user.id);
  }

  @Put('me/password')
  @HttpCode(204)
  changePassword(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(passwordChangeSchema)) change: PasswordChange,
    @Ip() remoteAddress: string,
    @Left() left: AbortSignal,
  ): Promise<void> {
    return this.account.changePassword(user, change, { remoteAddress, left });
  }

  @Post('me/email')
  @HttpCode(202)
  async askForEmail(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(emailChangeSchema)) { email, password }: NewEmail,
    @Ip() remoteAddress: string,
    @Left() left: AbortSignal,
  ): Promise<void> {
    await this.account.confirm(user, password, { remoteAddress, left });
    this.emailChange.ask(user, email);
  }

  @Public()
  @Post('auth/email')
  @HttpCode(204)
  confirmEmail(@Body(new ZodPipe(emailConfirmationSchema)) { token }: EmailConfirmation): Promise<void> {
    return this.emailChange.confirm(token);
  }

  @Public()
  @Post('auth/forgot')
  @HttpCode(202)
  forgot(@Body(new ZodPipe(resetSchema)) { email }: Reset, @Ip() remoteAddress: string): void {
    this.account.forgot(email, { remoteAddress });
  }

  @Public()
  @Post('auth/reset')
  @HttpCode(204)
  reset(
    @Body(new ZodPipe(newPasswordSchema)) newPassword: NewPassword,
    @Ip() remoteAddress: string,
    @Left() left: AbortSignal,
  ): Promise<void> {
    return this.account.reset(newPassword, { remoteAddress, left });
  }

  @Get('auth/sessions')
  async list(@CurrentUser() user: SignedIn): Promise<{ items: OpenLogin[]; next: null }> {
    return { items: await this.sessions.openOf(user), next: null };
  }

  @Delete('auth/sessions')
  @HttpCode(204)
  endOthers(@CurrentUser() user: SignedIn): Promise<void> {
    return this.sessions.revokeAllOf(user.id, user.sessionId);
  }

  @Delete('auth/sessions/:session')
  @HttpCode(204)
  end(@CurrentUser() user: SignedIn, @Param('session') session: string): Promise<void> {
    return this.sessions.revokeOf(user.id, session);
  }
}
