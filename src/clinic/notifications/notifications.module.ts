import { Module, type DynamicModule } from '@nestjs/common';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { UsersModule } from '../users/users.module.js';
import { Announcements } from './announcements.js';
import { AnnouncementsController } from './announcements.controller.js';
import { EventsController } from './events.controller.js';
import { InboxNews } from './inbox-news.js';
import { InboxReader } from './inbox-reader.js';
import { KeyedNotifications } from './keyed-notifications.js';
import { NotificationMessages } from './notification-messages.js';
import { NotificationService } from './notification.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';
import { StreamsController } from './streams.controller.js';

/** What users are told, and what they do with it. Needs `StoreModule`, `AuthModule` and `MessagingModule`. */
@Module({})
export class NotificationsModule {
  static forRoot({ limits }: NotificationsOptions): DynamicModule {
    return {
      module: NotificationsModule,
      // Any room may tell its users something.
      global: true,
      imports: [InboxModule, UsersModule],
      controllers: [NotificationsController, StreamsController, AnnouncementsController, EventsController],
      providers: [
        { provide: NOTIFICATIONS_OPTIONS, useValue: { limits } satisfies NotificationsOptions },
        Announcements,
        InboxNews,
        InboxReader,
        NotificationService,
        KeyedNotifications,
        NotificationMessages,
      ],
      exports: [InboxNews, InboxReader, NotificationService],
    };
  }
}
