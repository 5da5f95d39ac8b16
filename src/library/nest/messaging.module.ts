import {
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Broker } from '../broker/broker.js';
import { noRelay, type Relay } from '../broker/relay.js';
import { NodeMessages } from '../broker/node-messages.js';
import { CHANNELS } from '../dialects/channels.js';
import { LineRelay, type RelayOptions } from '../relay/relay.js';
import { BrokerNode } from '../session/broker-node.js';
import { SessionRegistry } from '../session/registry.js';
import { systemClock } from '../transport/system-clock.js';
import { Arguments } from './arguments.js';
import { Attendance } from './attendance.js';
import { Broadcasts } from './broadcasts.js';
import { Channels } from './channels.js';
import { EventStreams } from './event-streams.js';
import { SessionEvents } from './events.js';
import { HeadCounts } from './head-counts.js';
import { MethodRunner } from './method-runner.js';
import { MESSAGING_OPTIONS, limitsOf, type MessagingOptions } from './options.js';
import { Converters } from './payload.js';
import { ReturnValues } from './return-values.js';
import { Rights } from './rights.js';
import { Rooms } from './rooms.js';
import { MessageRouter } from './router.js';
import { SessionFactory } from './session-factory.js';
import { StompEndpoints } from './stomp-endpoints.js';
import { MethodContexts } from './method-context.js';
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

  /**
   * For options that need providers, such as an authenticator over the application's users. They come from a factory, or
   * from `create()` of a class, which Nest makes (`useClass`) or has already (`useExisting`).
   */
  static forRootAsync(options: MessagingAsyncOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule, ...(options.imports ?? [])],
      providers: [
        ...providersOf(options),
        { provide: LineRelay, inject: [MESSAGING_OPTIONS], useFactory: relayOf },
        { provide: Attendance, inject: [MESSAGING_OPTIONS], useFactory: attendanceOf },
        { provide: BrokerNode, inject: [MESSAGING_OPTIONS, Attendance, LineRelay], useFactory: openNode },
        { provide: HeadCounts, inject: [BrokerNode, Attendance], useFactory: countHeads },
        { provide: Broker, inject: [BrokerNode], useFactory: ({ broker }: BrokerNode) => broker },
        {
          provide: NodeMessages,
          inject: [BrokerNode],
          useFactory: ({ nodeMessages }: BrokerNode) => nodeMessages,
        },
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
        MethodContexts,
        MethodRunner,
        ReturnValues,
        MessageRouter,
        Rights,
        MessagingTemplate,
        SessionEvents,
        UserRegistry,
        SessionFactory,
        StompEndpoints,
        EventStreams,
        Rooms,
        Broadcasts,
        Channels,
      ],
      exports: [
        Broker,
        LineRelay,
        NodeMessages,
        SessionRegistry,
        UserRegistry,
        SessionEvents,
        MessagingTemplate,
        EventStreams,
        Rooms,
        Broadcasts,
        Channels,
        Rights,
        StompEndpoints,
      ],
    };
  }
}

/** Makes the options of `MessagingModule`, out of the providers that it is given. */
export interface MessagingOptionsFactory {
  create(): MessagingOptions | Promise<MessagingOptions>;
}

/** Where `MessagingModule.forRootAsync` gets its options from. */
export type MessagingAsyncOptions = Pick<ModuleMetadata, 'imports'> &
  (
    | Pick<FactoryProvider<MessagingOptions>, 'inject' | 'useFactory'>
    | { readonly useClass: Type<MessagingOptionsFactory> }
    | { readonly useExisting: InjectionToken<MessagingOptionsFactory> }
  );

function providersOf(options: MessagingAsyncOptions): Provider[] {
  if ('useFactory' in options) {
    const { inject = [], useFactory } = options;
    return [{ provide: MESSAGING_OPTIONS, inject, useFactory }];
  }
  const factory = 'useClass' in options ? options.useClass : options.useExisting;
  const made = {
    provide: MESSAGING_OPTIONS,
    inject: [factory],
    useFactory: (one: MessagingOptionsFactory) => one.create(),
  };
  return 'useClass' in options ? [options.useClass, made] : [made];
}

function openNode(
  options: MessagingOptions,
  admission: Attendance,
  relay: Relay = noRelay,
): Promise<BrokerNode> {
  const logger = new Logger(Broker.name);
  const report = (error: unknown): void => logger.error('stored messages are not served', error);
  return new BrokerNode({ ...options, admission, clock: systemClock, report, relay }).open();
}

function attendanceOf(options: MessagingOptions): Attendance {
  const attendance = new Attendance(systemClock);
  const { channelMembers } = limitsOf(options);
  if (options.dialects?.channels)
    attendance.add({ prefix: CHANNELS, capacityOf: () => channelMembers, isUnpatterned: () => true });
  return attendance;
}

function countHeads({ nodeMessages, clock, limits }: BrokerNode, attendance: Attendance): HeadCounts {
  const counts = new HeadCounts(nodeMessages, clock, limits);
  attendance.share(counts);
  counts.open();
  return counts;
}

/** Undefined where the node is alone. */
function relayOf(options: MessagingOptions): LineRelay | undefined {
  const { relay: joined } = options;
  if (!joined) return undefined;
  const logger = new Logger(LineRelay.name);
  const onChange: RelayOptions['onChange'] = (change) => {
    if (change === 'up') logger.log('The relay is up: other nodes are in reach');
    else logger.warn(`The relay is away, and this node goes on alone: ${change.away.message}`);
    joined.onChange?.(change);
  };
  const report = (error: unknown): void => logger.error('Something did not cross the relay', error);
  return new LineRelay({ ...joined, onChange }, { clock: systemClock, limits: limitsOf(options), report });
}
