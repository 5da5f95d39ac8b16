import { Module } from '@nestjs/common';
import { Inbox } from './inbox.js';

/** Gives a Nest application its `Inbox`; needs `StoreModule`. */
@Module({ providers: [Inbox], exports: [Inbox] })
export class InboxModule {}
