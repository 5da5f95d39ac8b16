import { Module } from '@nestjs/common';
import { Store } from '../../library/store/store.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { ConversationLog } from './conversation-log.js';

/** The log of conversations, which the broker is made with. Needs `StoreModule`. */
@Module({
  imports: [UsersModule],
  providers: [
    {
      provide: ConversationLog,
      inject: [Store, UsersService],
      useFactory: (store: Store, users: UsersService) => new ConversationLog(store, users),
    },
  ],
  exports: [ConversationLog],
})
export class ConversationLogModule {}
