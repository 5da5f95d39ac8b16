import { Inject, Injectable, Logger } from '@nestjs/common';
import { Census } from '../dialects/census.js';
import { JsonConversation } from '../dialects/json-conversation.js';
import { NotificationSocket } from '../dialects/notification-socket.js';
import { BrokerNode } from '../session/broker-node.js';
import type { SessionObserver } from '../session/ports.js';
import { Session, type OpenSession } from '../session/session.js';
import type { OtherSockets } from '../transport/services.js';
import { SessionEvents } from './events.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { Rights } from './rights.js';
import { MessageRouter } from './router.js';

/** Makes the session of each connection that is accepted. */
@Injectable()
export class SessionFactory {
  readonly open: OpenSession;
  /** The same for those that don't speak STOMP. */
  readonly otherSockets: readonly OtherSockets[];

  constructor(
    node: BrokerNode,
    router: MessageRouter,
    events: SessionEvents,
    rights: Rights,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    const observer = logged(events);
    this.open = node.sessions({ ...options, authorizer: rights, application: router, observer });
    this.otherSockets = jsonSockets(node, { ...options, authorizer: rights }, observer);
  }
}

function jsonSockets(
  { broker, registry, clock, limits }: BrokerNode,
  { authenticator, authorizer, dialects = {} }: MessagingOptions,
  observer: SessionObserver,
): OtherSockets[] {
  const { notifications } = dialects;
  if (!notifications) return [];
  const { path = '/notifications', ...options } = notifications;
  const census = new Census(limits.jsonStrangers);
  const services = { broker, registry, clock, limits, authenticator, authorizer, observer, census };
  const dialect = new NotificationSocket(options);
  const open: OtherSockets['open'] = (wire, remoteAddress, arrival) =>
    new JsonConversation({ wire, remoteAddress, arrival }, dialect, services);
  return [{ path, transport: 'json-notifications', messageBytes: limits.jsonBytes, open }];
}

function logged(events: SessionEvents): SessionObserver {
  const logger = new Logger(Session.name);
  events.on('connected', ({ id, transport }) => logger.debug({ msg: 'connected', session: id, transport }));
  events.on('disconnected', ({ id, reason }) => logger.debug({ msg: 'disconnected', session: id, reason }));
  return {
    ...events.observer,
    failed: ({ id }, error) => logger.error({ msg: 'a session failed', session: id }, error),
  };
}
