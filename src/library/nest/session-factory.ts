import { Inject, Injectable, Logger } from '@nestjs/common';
import { Broker } from '../broker/broker.js';
import type { SessionServices } from '../session/connected.js';
import { Interceptors } from '../session/interceptors.js';
import { MessageFrames } from '../session/message-frames.js';
import type { SessionObserver, Wire } from '../session/ports.js';
import { SessionRegistry } from '../session/registry.js';
import { Session } from '../session/session.js';
import { systemClock } from '../transport/system-clock.js';
import { SessionEvents } from './events.js';
import { MESSAGING_OPTIONS, limitsOf, type MessagingOptions } from './options.js';
import { MessageRouter } from './router.js';

/** Makes the session of each connection that is accepted; what all of them share stands here. */
@Injectable()
export class SessionFactory {
  readonly #services: SessionServices;

  constructor(
    broker: Broker,
    registry: SessionRegistry,
    router: MessageRouter,
    events: SessionEvents,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    this.#services = {
      broker,
      registry,
      application: router,
      authenticator: options.authenticator,
      authorizer: options.authorizer,
      limits: limitsOf(options),
      clock: systemClock,
      frames: new MessageFrames(),
      observer: logged(events),
      server: 'Carillon',
      ...(options.interceptors && {
        interceptors: new Interceptors(options.interceptors, systemClock, limitsOf(options).handlerMs),
      }),
    };
  }

  readonly open = (wire: Wire, remoteAddress: string): Session =>
    new Session(wire, remoteAddress, this.#services);
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
