import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform } from '@nestjs/common';
import type { ChannelSocketOptions, Door } from '../dialects/channel-socket.js';
import type { NotificationSocketOptions } from '../dialects/notification-socket.js';
import type { SocketIoOptions } from '../dialects/socket-io-options.js';
import { limitsWith, type Limits } from '../limits.js';
import type { BrokerOptions, SessionOptions } from '../session/broker-node.js';
import type { RelayOptions } from '../relay/relay.js';
import type { CertificatePaths } from '../transport/certificate-files.js';
import type { HttpOptions } from '../transport/http-options.js';
import type { MessageConverter } from './payload.js';

/** What an application tells `MessagingModule`. */
export interface MessagingOptions
  extends BrokerOptions, Omit<SessionOptions, 'application' | 'observer' | 'server'>, HttpOptions {
  /** Before the destinations of methods. Default `/app`. */
  readonly applicationDestinationPrefixes?: readonly string[];
  /** More ways in beside those of `sockJsPath` and `webSocketPath`, each for pages of its own origins. Default none. */
  readonly endpoints?: readonly StompEndpoint[];
  /** Bodies of other content-types than JSON, text and bytes; the first that fits is taken. Default none. */
  readonly converters?: readonly MessageConverter[];
  /**
   * What stands around methods of messages, and of nothing else: before the global ones of the application, and before
   * what class and method are decorated with. Default none.
   */
  readonly methods?: {
    readonly guards?: readonly CanActivate[];
    readonly interceptors?: readonly NestInterceptor[];
    /** Such as a `ValidationPipe`. */
    readonly pipes?: readonly PipeTransform[];
    readonly filters?: readonly ExceptionFilter[];
  };
  /** Ways in for clients that don't speak STOMP. Default none. */
  readonly dialects?: Dialects;
  /** Joins this node to others. Default: it is alone. */
  readonly relay?: RelayOptions;
  /**
   * TLS in this process, on the HTTP server's port, or on `port` with HTTP staying where it is; and on `tcp`. The files are
   * read again when they change, for those who come from then on. Default none.
   */
  readonly tls?: CertificatePaths & { readonly port?: number | undefined; readonly host?: string };
  /** STOMP without WebSocket, for clients that aren't browsers. Default none. */
  readonly tcp?: { readonly port: number; readonly host: string };
}

/** Languages beside STOMP. */
export interface Dialects {
  /** JSON sockets to which a user's notifications come by their types. */
  readonly notifications?: NotificationSocketOptions & {
    /** Default `/notifications`. */
    readonly path?: string;
  };
  /** Clients of Socket.IO 3 and 4, over polling and WebSocket. Needs the packages `socket.io` and `engine.io`. */
  readonly socketIo?: SocketIoOptions & {
    /** Default `/socket.io`. */
    readonly path?: string;
    /** Begins session ids (`<node>.<random>`), for balancers that send each to the node that has it. Default: nothing. */
    readonly node?: string | undefined;
  };
  /** JSON sockets that are each of one channel. */
  readonly channels?: ChannelsOptions;
}

/** What channels are told: who is who, who may join, and where they are. */
export interface ChannelsOptions extends ChannelSocketOptions {
  /** Before their names. Default `/channels`. */
  readonly path?: string;
  /** Addresses that lead to a channel which their `Door` names. Default: `/ws/notifications`, to the caller's own. */
  readonly paths?: Readonly<Record<string, Door>>;
  /** The `User#name` of the person with that id (`describe`). Default: the id is the name. */
  readonly nameOf?: (id: string) => Promise<string | undefined> | string | undefined;
}

/** One more way in for STOMP, with origins of its own. */
export interface StompEndpoint {
  readonly sockJsPath?: string;
  readonly webSocketPath?: string;
  /** Beside the own one. Default none. */
  readonly allowedOrigins?: readonly string[];
}

/** All limits of a module: those of its options, and the defaults of the others. */
export function limitsOf(options: Pick<MessagingOptions, 'limits'>): Limits {
  return limitsWith(options.limits);
}

/** The injection token of `MessagingOptions`. */
export const MESSAGING_OPTIONS = Symbol('carillon:messaging-options');
