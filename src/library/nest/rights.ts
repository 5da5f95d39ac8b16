import { Inject, Injectable } from '@nestjs/common';
import type { Authorizer, User, Verb } from '../session/ports.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';

/** What users may do, for every way in: the option `authorizer`, asked. */
@Injectable()
export class Rights implements Authorizer {
  constructor(@Inject(MESSAGING_OPTIONS) private readonly options: MessagingOptions) {}

  isAllowed(user: User, verb: Verb, address: string): boolean | Promise<boolean> {
    return this.options.authorizer.isAllowed(user, verb, address);
  }
}
