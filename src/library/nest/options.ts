import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform } from '@nestjs/common';
import { limitsWith, type Limits } from '../limits.js';
import type { LogOf } from '../broker/log.js';
import type { QueueStore } from '../broker/queue-store.js';
import type { Authenticator, Authorizer, StompInterceptor } from '../session/ports.js';
import type { ProxyHeaders } from '../transport/proxies.js';
import type { MessageConverter } from './payload.js';

/** What an application tells `MessagingModule`. */
export interface MessagingOptions {
  /** Who a CONNECT comes from. */
  readonly authenticator: Authenticator;
  /** What somebody may SEND to and SUBSCRIBE to. */
  readonly authorizer: Authorizer;
  /** Those of limits.ts, unless given. */
  readonly limits?: Partial<Limits>;
  /** Where `/queue` is kept. Default: in memory, as long as the process lives. */
  readonly queueStore?: QueueStore;
  /** Which addresses have a log, so that who was away can read what was missed. Default: none. */
  readonly logOf?: LogOf;
  /** Origins beside the own one whose pages may open sockets, such as `https://clinic.example`. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** CIDRs of proxies that are believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** The one form in which these proxies tell of their clients. Default `x-forwarded`. */
  readonly proxyHeaders?: ProxyHeaders;
  /** Before the destinations of methods. Default `/app`. */
  readonly applicationDestinationPrefixes?: readonly string[];
  /** More ways in beside those of the next two options, each for pages of its own origins. Default none. */
  readonly endpoints?: readonly StompEndpoint[];
  /** Where SockJS (and plain WebSocket) is. Default `/ws`. */
  readonly sockJsPath?: string;
  /** Where plain WebSocket is. Default `/stomp`. */
  readonly webSocketPath?: string;
  /** What stands between clients and their sessions, in this order. Default none. */
  readonly interceptors?: readonly StompInterceptor[];
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
  /** Plain STOMP, for clients that aren't browsers. Default none. */
  readonly tcp?: { readonly port: number; readonly host: string };
}

export interface StompEndpoint {
  readonly sockJsPath?: string;
  readonly webSocketPath?: string;
  /** Beside the own one. Default none. */
  readonly allowedOrigins?: readonly string[];
}

export function limitsOf(options: Pick<MessagingOptions, 'limits'>): Limits {
  return limitsWith(options.limits);
}

export const MESSAGING_OPTIONS = Symbol('carillon:messaging-options');
