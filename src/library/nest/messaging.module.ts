import {
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Broker } from '../broker/broker.js';
import { BrokerNode } from '../session/broker-node.js';
import { SessionRegistry } from '../session/registry.js';
import { systemClock } from '../transport/system-clock.js';
import { Arguments } from './arguments.js';
import { EventStreams } from './event-streams.js';
import { SessionEvents } from './events.js';
import { MethodRunner } from './method-runner.js';
import { MESSAGING_OPTIONS, limitsOf, type MessagingOptions } from './options.js';
import { Converters } from './payload.js';
import { ReturnValues } from './return-values.js';
import { MessageRouter } from './router.js';
import { SessionFactory } from './session-factory.js';
import { StompEndpoints } from './stomp-endpoints.js';
import { SurroundingsFinder } from './surroundings.js';
import { MessagingTemplate } from './template.js';
import { UserRegistry } from './user-registry.js';

/**
 * A STOMP broker inside a Nest application, on Express's or Fastify's adapter: at `/ws` for SockJS and WebSocket, at
 * `/stomp` for WebSocket, behind `@MessageMapping` methods and the `MessagingTemplate`.
 */
@Module({})
export class MessagingModule {
  static forRoot(options: MessagingOptions): DynamicModule {
    return this.forRootAsync({ useFactory: () => options });
  }

  /** For options that need providers, such as an authenticator over the application's users. */
  static forRootAsync({ imports = [], inject = [], useFactory }: AsyncOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: MESSAGING_OPTIONS, inject, useFactory },
        { provide: BrokerNode, inject: [MESSAGING_OPTIONS], useFactory: openNode },
        { provide: Broker, inject: [BrokerNode], useFactory: ({ broker }: BrokerNode) => broker },
        {
          provide: SessionRegistry,
          inject: [BrokerNode],
          useFactory: ({ registry }: BrokerNode) => registry,
        },
        {
          provide: Converters,
          inject: [MESSAGING_OPTIONS],
          useFactory: (options: MessagingOptions) => new Converters(options.converters, limitsOf(options)),
        },
        Arguments,
        SurroundingsFinder,
        MethodRunner,
        ReturnValues,
        MessageRouter,
        MessagingTemplate,
        SessionEvents,
        UserRegistry,
        SessionFactory,
        StompEndpoints,
        EventStreams,
      ],
      exports: [
        Broker,
        SessionRegistry,
        UserRegistry,
        SessionEvents,
        MessagingTemplate,
        EventStreams,
        StompEndpoints,
      ],
    };
  }
}

type AsyncOptions = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<MessagingOptions>, 'inject' | 'useFactory'>;

function openNode(options: MessagingOptions): Promise<BrokerNode> {
  const logger = new Logger(Broker.name);
  const report = (error: unknown): void => logger.error('stored messages are not served', error);
  return new BrokerNode({ ...options, clock: systemClock, report }).open();
}
