import { randomBytes } from 'node:crypto';
import { Logger, Module, Optional, type DynamicModule } from '@nestjs/common';
import { AppointmentsModule } from './clinic/appointments/appointments.module.js';
import type { LinkMail } from './clinic/auth/mailed-link.js';
import { AuthModule, type AuthOptions } from './clinic/auth/auth.module.js';
import { CarillonAuthenticator } from './clinic/auth/authenticator.js';
import { CarillonAuthorizer } from './clinic/auth/grants.js';
import { isConversation } from './clinic/conversations/conversation-address.js';
import { ConversationLog, conversationLog } from './clinic/conversations/conversation-log.js';
import { ConversationLogModule } from './clinic/conversations/conversation-log.module.js';
import { CONVERSATIONS_DESTINATION } from './clinic/conversations/conversation-events.js';
import { ConversationRights } from './clinic/conversations/conversation-rights.js';
import { ConversationsModule } from './clinic/conversations/conversations.module.js';
import { conversationCommands } from './clinic/conversations/socket-events.js';
import type { RelaySettings, Settings } from './config.js';
import type { Limits } from './library/limits.js';
import { Inbox } from './library/inbox/inbox.js';
import { InboxModule } from './library/inbox/inbox.module.js';
import { RetentionModule } from './library/inbox/retention.module.js';
import { ChannelsController } from './library/nest/channels.controller.js';
import type { Dialects } from './library/nest/options.js';
import { MessagingModule } from './library/nest/messaging.module.js';
import { ANNOUNCEMENTS } from './clinic/notifications/announcements.js';
import { EVENTS } from './clinic/notifications/events.controller.js';
import { notificationLog } from './clinic/notifications/notification-log.js';
import { InboxNews } from './clinic/notifications/inbox-news.js';
import { shareInboxNews } from './clinic/notifications/shared-inbox-news.js';
import { NotificationsModule } from './clinic/notifications/notifications.module.js';
import { DeliveryModule } from './clinic/delivery/delivery.module.js';
import { Mailer } from './clinic/delivery/mailer.js';
import { PreferencesModule } from './clinic/preferences/preferences.module.js';
import { OpsModule } from './clinic/ops/ops.module.js';
import type { ProcessLog } from './clinic/ops/process-log.js';
import { ENVELOPE_VERSION } from './library/relay/envelope.js';
import { lineFor } from './library/relay/line-for.js';
import { LineRelay, type RelayOptions } from './library/relay/relay.js';
import { agreedValue } from './library/store/agreed-value.js';
import { SqlLetters } from './library/store/sql-letters.js';
import { schema } from './schema.js';
import type { User } from './library/session/ports.js';
import { SessionRegistry } from './library/session/registry.js';
import { ExclusiveQueueStore } from './library/broker/exclusive-queue-store.js';
import { Nodes } from './library/store/nodes.js';
import { NodesModule } from './library/store/nodes.module.js';
import { SharedQueueStore } from './library/store/shared-queue-store.js';
import { SqlQueueTable } from './library/store/sql-queue-table.js';
import { SqlTopicStore } from './library/store/sql-topic-store.js';
import type { Clock } from './library/broker/clock.js';
import { Broker } from './library/broker/broker.js';
import type { LogOf } from './library/broker/log.js';
import { NodeMessages } from './library/broker/node-messages.js';
import { Passwords } from './clinic/auth/passwords.js';
import { LiveSessions } from './clinic/auth/live-sessions.js';
import { shareAddresses, shareEndedLogins, sharePasswordChecks } from './clinic/auth/login-news.js';
import { LoginSessions } from './clinic/auth/login-sessions.js';
import { Store } from './library/store/store.js';
import { StoreModule } from './library/store/store.module.js';
import { systemClock } from './library/transport/system-clock.js';
import { UsersModule } from './clinic/users/users.module.js';
import { UsersService, type Person } from './clinic/users/users.service.js';

/** Which rooms the application is made of, and with which settings. */
/** The product: which rooms there are, and with which settings. */
@Module({})
export class AppModule {
  constructor(registry: SessionRegistry, @Optional() nodes?: Nodes, @Optional() relay?: LineRelay) {
    nodes?.tell(() => ({ connections: registry.count, relayUp: relay?.stats.isUp ?? false }));
  }

  /** @param clock of the calendar */
  static forRoot(
    settings: Settings,
    log: Pick<ProcessLog, 'droppedLines'>,
    clock: Clock = systemClock,
  ): DynamicModule {
    const { databaseUrl, limits, relay } = settings;
    return {
      module: AppModule,
      imports: [
        StoreModule.forRoot({
          ...schema,
          databaseUrl,
          limits,
          claim: { as: relay === undefined ? 'alone' : 'shared', lost: end },
        }),
        ...(relay === undefined
          ? []
          : [NodesModule.forRoot({ databaseUrl, limits, version: ENVELOPE_VERSION })]),
        UsersModule,
        AuthModule.forRoot({ ...settings, page: pageOf(settings), ...linkMailOf(settings) }),
        MessagingModule.forRootAsync({
          imports: [InboxModule, UsersModule, ConversationLogModule],
          inject: [
            CarillonAuthenticator,
            CarillonAuthorizer,
            Store,
            SqlTopicStore,
            Inbox,
            UsersService,
            ConversationLog,
            { token: SharedQueueStore, optional: true },
          ],
          useFactory: async (
            authenticator: CarillonAuthenticator,
            authorizer: CarillonAuthorizer,
            store: Store,
            topicStore: SqlTopicStore,
            inbox: Inbox,
            users: UsersService,
            conversations: ConversationLog,
            shared?: SharedQueueStore,
          ) => ({
            authenticator,
            authorizer: new ConversationRights(authorizer, store),
            isUnpatterned: isConversation,
            queueStore: shared ?? new ExclusiveQueueStore(new SqlQueueTable(store), systemClock),
            logOf: firstOf(notificationLog(inbox, users, limits), conversationLog(conversations)),
            keep: [{ address: ANNOUNCEMENTS, days: settings.announcementDays }],
            topicStore,
            limits,
            ...(relay && { relay: await relayOf(relay, limits, store) }),
            allowedOrigins: settings.allowedOrigins,
            trustedProxies: settings.trustProxy,
            proxyHeaders: settings.proxyHeaders,
            ...(settings.tls && { tls: { ...settings.tls, host: settings.host } }),
            compression: settings.compression,
            dialects: dialectsOf(settings, users),
            ...(settings.stompTcpPort !== undefined && {
              tcp: { port: settings.stompTcpPort, host: settings.host },
            }),
          }),
        }),
        PreferencesModule,
        DeliveryModule.forRoot({ ...settings.delivery, limits }),
        NotificationsModule.forRoot({ limits }),
        AppointmentsModule.forRoot(
          { ...settings, clock },
          {
            inject: [SessionRegistry, { token: Nodes, optional: true }],
            useFactory: (registry: SessionRegistry, nodes?: Nodes) => ({
              connections: () =>
                nodes?.live.reduce((sum, { connections }) => sum + connections, 0) ?? registry.count,
              isFirst: () => nodes?.isFirst ?? true,
              hasOthers: () => nodes?.hasOthers ?? false,
            }),
          },
        ),
        ConversationsModule.forRoot({ limits, isPresenceShown: settings.presence }),
        RetentionModule.forRoot({ days: settings.retentionDays, limits, clock: systemClock }),
        OpsModule.forRoot({ limits, log }),
      ],
      controllers: settings.dialects.includes('channels') ? [ChannelsController] : [],
      providers: [
        {
          provide: sharePasswordChecks,
          inject: [Passwords, NodeMessages],
          useFactory: sharePasswordChecks,
        },
        { provide: shareInboxNews, inject: [InboxNews, Broker, NodeMessages], useFactory: shareInboxNews },
        {
          provide: shareEndedLogins,
          inject: [LoginSessions, LiveSessions, NodeMessages],
          useFactory: shareEndedLogins,
        },
        { provide: shareAddresses, inject: [UsersService, NodeMessages], useFactory: shareAddresses },
      ],
    };
  }
}

/** The log that one of these knows for an address. */
function firstOf(...logs: readonly LogOf[]): LogOf {
  return (address) => {
    for (const logOf of logs) {
      const log = logOf(address);
      if (log) return log;
    }
    return undefined;
  };
}

/** Where links in mails lead. */
function pageOf({ delivery, host, port }: Settings): string {
  return (delivery.publicUrl ?? `http://${host}:${port}`).replace(/\/$/, '');
}

/** What sends links for a new password; nothing where no mail server was named. They are rare: no connection is kept for them. */
function linkMailOf({ delivery: { mail }, limits }: Settings): Pick<AuthOptions, 'mail'> {
  if (!mail) return {};
  return {
    async mail(letter: LinkMail) {
      const mailer = new Mailer({ ...mail, timeoutMs: limits.deliveryMs });
      try {
        const { result } = await mailer.send({ ...letter, id: `link.${randomBytes(8).toString('hex')}` });
        if (result !== 'sent') throw new Error(`The mail server’s answer: ${result}`);
      } finally {
        mailer.close();
      }
    },
  };
}

/** The languages beside STOMP that are spoken here. */
function dialectsOf({ dialects, nodeId }: Settings, users: UsersService): Dialects {
  const describe = ({ name }: User): Promise<Person | undefined> => users.findByEmail(name);
  return {
    ...(dialects.includes('notifications') && {
      notifications: { destination: '/queue/notifications', events: EVENTS, describe },
    }),
    ...(dialects.includes('channels') && {
      channels: {
        inbox: '/queue/notifications',
        system: ANNOUNCEMENTS,
        describe,
        nameOf: async (id: string) => (WHOLE.test(id) ? (await users.find(Number(id)))?.email : undefined),
      },
    }),
    ...(dialects.includes('socket.io') && {
      socketIo: {
        node: nodeId,
        notifications: '/queue/notifications',
        events: [CONVERSATIONS_DESTINATION],
        commands: conversationCommands,
      },
    }),
  };
}

/** An id as it is written. */
const WHOLE = /^[1-9]\d{0,14}$/;

/** How messages cross to the other nodes on the same database. */
async function relayOf(
  { url, prefix, userChannels, content }: RelaySettings,
  limits: Limits,
  store: Store,
): Promise<RelayOptions> {
  const logger = new Logger(SqlLetters.name);
  return {
    line: await lineFor(url, limits),
    letters: new SqlLetters(store, (message, error) => logger.error(message, error)),
    // Two clusters on one engine never mix, whatever their operators forgot to say.
    prefix:
      prefix ??
      (await agreedValue(store, 'relay prefix', () => `carillon-${randomBytes(6).toString('hex')}`)),
    userChannels,
    content,
  };
}

/** Another node has the database now: this one goes, as at SIGTERM. */
function end(error: Error): void {
  new Logger(Store.name).fatal('This node lost its database to another one and ends', error);
  process.kill(process.pid, 'SIGTERM');
}
