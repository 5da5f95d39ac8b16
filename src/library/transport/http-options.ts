import type { ProxyHeaders } from './proxies.js';
import type { Paths } from './upgrade.js';

/** What is told of the ways in over HTTP. */
export interface HttpOptions {
  /** Origins beside the own one whose pages may open sockets, such as `https://clinic.example`. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** CIDRs of proxies that are believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** The one form in which these proxies tell of their clients. Default `x-forwarded`. */
  readonly proxyHeaders?: ProxyHeaders;
  /**
   * permessage-deflate (RFC 7692) on WebSockets whose client offers it: less on the wire, and memory and CPU for each
   * connection. Default false.
   */
  readonly compression?: boolean;
  /** Where SockJS (and plain WebSocket) is. Default `/ws`. */
  readonly sockJsPath?: string;
  /** Where plain WebSocket is. Default `/stomp`. */
  readonly webSocketPath?: string;
}

/** The paths of the two ways in, where the options don't name them `/ws` and `/stomp`. */
export function pathsOf({ sockJsPath = '/ws', webSocketPath = '/stomp' }: HttpOptions): Paths {
  return { sockJs: sockJsPath, webSocket: webSocketPath };
}
