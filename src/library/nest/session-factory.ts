import { Inject, Injectable, Logger } from '@nestjs/common';
import { BrokerNode } from '../session/broker-node.js';
import type { SessionObserver } from '../session/ports.js';
import { Session, type OpenSession } from '../session/session.js';
import { SessionEvents } from './events.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { MessageRouter } from './router.js';

/** Makes the session of each connection that is accepted. */
@Injectable()
export class SessionFactory {
  readonly open: OpenSession;

  constructor(
    node: BrokerNode,
    router: MessageRouter,
    events: SessionEvents,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    this.open = node.sessions({ ...options, application: router, observer: logged(events) });
  }
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
