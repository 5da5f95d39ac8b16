import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Role } from '../users/user.entity.js';
import type { SignedIn } from './signed-in.js';

/** The metadata key of routes that ask for no login. */
export const PUBLIC = Symbol('carillon:public');
/** The metadata key of the roles that a route asks for. */
export const ROLES = Symbol('carillon:roles');
/** The metadata key of routes that take a ticket for a login. */
export const TICKETS = Symbol('carillon:tickets');

/** Nobody has to sign in for this. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Only these may ask for this. */
export const Roles = (...roles: readonly Role[]) => SetMetadata(ROLES, roles);

/** A stream, to which `?ticket=` opens as well as a token does. */
export const AcceptsTicket = () => SetMetadata(TICKETS, true);

/** The user of a request, as the guard found it. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedIn => {
  const { signedIn } = context.switchToHttp().getRequest<GuardedRequest>();
  if (!signedIn) throw new Error('@CurrentUser() belongs to routes that are not @Public()');
  return signedIn;
});

/** A request that the guard has let pass. */
export interface GuardedRequest extends Request {
  signedIn?: SignedIn;
}
