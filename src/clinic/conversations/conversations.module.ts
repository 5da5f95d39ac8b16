import { Module, type DynamicModule } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { Store } from '../../library/store/store.js';
import { Bells } from './bells.js';
import { ConversationEvents } from './conversation-events.js';
import { ConversationLogModule } from './conversation-log.module.js';
import { ConversationMessages } from './conversation-messages.js';
import { ConversationPruning } from './conversation-pruning.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { MessageTable } from './message-table.js';
import { MessagesService } from './messages.service.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';
import { Presence } from './presence.js';
import { ReadReceipts } from './read-receipts.service.js';
import { Typing } from './typing.js';

/** What people say to each other. Needs `StoreModule`, `AuthModule`, `MessagingModule` and `NotificationsModule`. */
@Module({})
export class ConversationsModule {
  static forRoot(options: ConversationsOptions): DynamicModule {
    const { limits } = options;
    return {
      module: ConversationsModule,
      imports: [UsersModule, InboxModule, ConversationLogModule],
      controllers: [ConversationsController],
      providers: [
        { provide: CONVERSATIONS_OPTIONS, useValue: options },
        { provide: MessageTable, useFactory: () => new MessageTable(limits) },
        {
          provide: ConversationPruning,
          inject: [Store],
          useFactory: (store: Store) => new ConversationPruning(store, limits),
        },
        ConversationsService,
        MessagesService,
        ReadReceipts,
        ConversationEvents,
        ConversationMessages,
        Bells,
        Typing,
        Presence,
      ],
      exports: [MessagesService],
    };
  }
}
