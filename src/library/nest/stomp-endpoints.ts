import { Server, type IncomingMessage } from 'node:http';
import { Server as SecureServer } from 'node:https';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BrokerNode } from '../session/broker-node.js';
import { CertificateFiles } from '../transport/certificate-files.js';
import type { Connections } from '../transport/connections.js';
import { pathsOf } from '../transport/http-options.js';
import { attachTransports, type Transports } from '../transport/listener.js';
import { forwarded, Origins, type Middleware } from '../transport/origins.js';
import { Proxies } from '../transport/proxies.js';
import { Refused, type RefusedOrigin } from '../transport/refused.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { SessionFactory } from './session-factory.js';

/** Every way in, for as long as the application lives: on Nest's HTTP server, and on TCP if that is asked for. */
@Injectable()
export class StompEndpoints implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(StompEndpoints.name);
  /** What was turned away before there was a session. */
  readonly refused = new Refused((origin, times) => this.#logger.warn(refusedPage(origin, times)));
  readonly #proxies: Proxies;
  readonly #origins: Origins;
  #transports: Transports | undefined;
  #tcpPort: number | undefined;
  #tlsPort: number | undefined;
  #certificate: CertificateFiles | undefined;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly node: BrokerNode,
    private readonly sessions: SessionFactory,
    @Inject(MESSAGING_OPTIONS) private readonly options: MessagingOptions,
  ) {
    this.#proxies = new Proxies(options.trustedProxies ?? [], options.proxyHeaders);
    this.#origins = new Origins(options.allowedOrigins ?? [], this.#proxies, this.refused);
    // Now, since Nest puts its body parsers in place later: SockJS reads bodies itself.
    this.#httpAdapter?.use(this.#sockJs);
    this.#httpAdapter?.use(this.#origins.middleware);
  }

  /** Nest makes its HTTP server after the constructors and before this. */
  async onModuleInit(): Promise<void> {
    if (!this.#httpAdapter) return;
    const engines = await this.sessions.openEngines();
    const { tls } = this.options;
    this.#certificate =
      tls && new CertificateFiles(tls, this.node.clock, this.node.limits, this.#certificateLog);
    this.#transports = attachTransports(serverOf(this.#httpAdapter), {
      openSession: this.sessions.open,
      slices: this.node.broker.slices,
      limits: this.node.limits,
      clock: this.node.clock,
      report: (error) => this.#logger.error('a connection failed', error),
      origins: this.#origins,
      refused: this.refused,
      proxies: this.#proxies,
      otherSockets: this.sessions.otherSockets,
      engines,
      tls: this.#certificate && {
        sockets: this.#certificate.sockets,
        isElsewhere: tls?.port !== undefined,
      },
      chooseSubprotocol: this.node.chooseSubprotocol,
      endpoints: (this.options.endpoints ?? []).map((endpoint) => ({
        sockJs: endpoint.sockJsPath,
        webSocket: endpoint.webSocketPath,
        origins: new Origins(endpoint.allowedOrigins ?? [], this.#proxies, this.refused),
      })),
      paths: pathsOf(this.options),
      compression: this.options.compression,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.#transports) return;
    const { tcp, tls } = this.options;
    if (tls?.port !== undefined) {
      const { address, port } = await this.#transports.listenTls(tls.port, tls.host ?? '127.0.0.1');
      this.#tlsPort = port;
      this.#logger.log(`TLS listens on https://${address}:${port}`);
    }
    if (!tcp) return;
    const { address, port } = await this.#transports.listenTcp(tcp.port, tcp.host);
    this.#tcpPort = port;
    this.#logger.log(`STOMP on TCP listens on ${address}:${port}`);
  }

  /** Where plain STOMP on TCP listens, also where any free port was asked for; undefined where it doesn't. */
  get tcpPort(): number | undefined {
    return this.#tcpPort;
  }

  /** Where TLS listens beside HTTP; undefined where it doesn't. */
  get tlsPort(): number | undefined {
    return this.#tlsPort;
  }

  /** All that are open, to be counted and cut. */
  get connections(): Connections {
    if (!this.#transports) throw new Error('The application is not initialized yet');
    return this.#transports.connections;
  }

  /** The client's address, behind trusted proxies. */
  addressOf(request: IncomingMessage): string {
    return this.#proxies.addressOf(forwarded(request));
  }

  /** Takes nobody any more, and sends away who is there, spread over `ms` so that not all come to another node at once. */
  async drain(ms: number): Promise<void> {
    this.#transports?.drain();
    await this.node.registry.drain(ms);
  }

  /** Tells the sessions that weren't drained before; a connection that doesn't end then is cut. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.drain(0);
    await this.#transports?.close(this.node.limits.closeMs);
    this.#certificate?.stop();
    // What clients held when they went is on its way to the store, which closes after this.
    await this.node.close();
  }

  /** None in an application context without a server: there only tests in the same process connect. */
  get #httpAdapter(): HttpAdapterHost['httpAdapter'] | undefined {
    return this.adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
  }

  readonly #certificateLog = {
    renewed: () => this.#logger.log('the certificate was renewed'),
    kept: (error: unknown) =>
      this.#logger.warn({
        msg: 'the new certificate can’t be used; the one before stays',
        reason: error instanceof Error ? error.message : String(error),
      }),
  };

  readonly #sockJs: Middleware = (request, response, next) => {
    if (this.#transports) this.#transports.middleware(request, response, next);
    else next();
  };
}

/** With what has to be set, since the page itself only hears 403. */
function refusedPage({ origin, host, ownOrigin, address }: RefusedOrigin, times: number): object {
  const isOwnOverTls = origin === ownOrigin?.replace(/^http:/, 'https:');
  const setting = isOwnOverTls
    ? 'TRUST_PROXY: name the proxy that ends TLS, and let it send X-Forwarded-Proto'
    : 'ALLOWED_ORIGINS: name this origin if its pages may use this server; TRUST_PROXY if a proxy changes the Host';
  const cut = (text: string): string => text.slice(0, ORIGIN_CHARACTERS).replaceAll(/[^ -~]/g, '?');
  return {
    msg: 'a page of another origin was refused',
    origin: cut(origin),
    host: cut(host ?? ''),
    ownOrigin: cut(ownOrigin ?? ''),
    address,
    setting,
    ...(times > 1 && { times }),
  };
}

/** Of what a stranger says in the log. */
const ORIGIN_CHARACTERS = 200;

/** @throws {TypeError} HTTP/2 has no upgrade, and SockJS writes answers that it doesn't know */
function serverOf(adapter: HttpAdapterHost['httpAdapter']): Server | SecureServer {
  const server: unknown = adapter.getHttpServer();
  if (server instanceof Server || server instanceof SecureServer) return server;
  throw new TypeError('MessagingModule needs a server of HTTP/1.1: let a proxy in front of it speak HTTP/2');
}
