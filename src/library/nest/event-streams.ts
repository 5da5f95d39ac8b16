import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { Broker } from '../broker/broker.js';
import type { Message } from '../broker/message.js';
import { EARLIEST } from '../broker/resume.js';
import type { Following, Since } from '../broker/subscriber.js';
import type { Limits } from '../limits.js';
import type { User } from '../session/ports.js';
import { SessionRegistry, type OpenConnection } from '../session/registry.js';
import { EventStream, eventStreamHeaders, type ServerSentEvent } from '../transport/event-stream.js';
import { namedPosition } from '../transport/named-position.js';
import { RETRY_AFTER_MS } from '../transport/refusal.js';
import { watchLogin } from '../session/expiry.js';
import { systemClock } from '../transport/system-clock.js';
import { MESSAGING_OPTIONS, limitsOf, type MessagingOptions } from './options.js';
import { StompEndpoints } from './stomp-endpoints.js';

/** A request for a stream of Server-Sent Events. */
export interface EventStreamRequest {
  /** Of the GET that asks for the stream; nothing was written to it. With Fastify: `reply.raw`. */
  readonly response: ServerResponse;
  /** The reader. The caller has to check that this user may read the address. */
  readonly user: User;
  /** What is streamed: a resolved address, or a pattern below `/topic`. */
  readonly address: string;
  /**
   * Of an address that has a log: a cursor, or `earliest`, after which everything is to come. Without it, what the GET
   * names (`positionOf`).
   */
  readonly since?: string | undefined;
  /** The first event; of an address that has a log it carries the position, unless that is to be reset. */
  readonly greeting?: Omit<ServerSentEvent, 'id'>;
  /** Names the event of a message; by default its `event-type`. */
  readonly eventOf?: (message: Message) => string | undefined;
}

/** Server-Sent Events of an address, for a user, until the client leaves, the login ends, or this node goes away. */
@Injectable()
export class EventStreams {
  readonly #limits: Limits;

  constructor(
    private readonly broker: Broker,
    private readonly registry: SessionRegistry,
    private readonly endpoints: StompEndpoints,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    this.#limits = limitsOf(options);
  }

  /**
   * Resolves when the stream is open.
   * @throws {Refusal} invalid_request: a position is named, and the address has no log; rate_limited: the user has too many streams, or the address too many connections; room_full; unavailable: this node drains
   */
  async open({
    response,
    user,
    address,
    since: given,
    greeting,
    eventOf,
  }: EventStreamRequest): Promise<void> {
    // The client left while the request was looked at, and won't leave again.
    if (response.destroyed) return;
    // RFC 9110, 9.3.2: what GET would begin with, and nothing that stays open.
    if (response.req.method === 'HEAD') return void response.writeHead(200, eventStreamHeaders).end();
    const since = given ?? this.positionOf(response);
    // An empty one is what some clients send when they come for the first time.
    const isAsked = given !== undefined && given !== '';
    const following = this.#follow(address, isAsked ? { since } : { hint: since });
    try {
      const position = following.opened && (await following.opened);
      // It is open when what any node publishes comes.
      if (following.ready) await following.ready;
      // The client left meanwhile, and won't leave again.
      if (response.destroyed) return following.close();
      const stream = this.#begin(response, user, eventOf);
      void stream.closed.then(() => following.close());
      // A client that must reload gets no id here: if it were cut before the verdict, it would resume past the gap.
      const isServed = since === undefined || since === EARLIEST || since === position;
      if (greeting)
        stream.event({ ...(isServed && position !== undefined && { id: position }), ...greeting });
      following.start(stream);
    } catch (error) {
      following.close();
      throw error;
    }
  }

  /** Whether a stream of an address can be resumed, and its events have ids. */
  hasLog(address: string): boolean {
    return this.broker.feeds.has(address);
  }

  /** The position that the GET of a stream names, in any form that clients have for it; undefined where there is none. */
  positionOf({ req }: ServerResponse): string | undefined {
    return namedPosition(req);
  }

  #follow(address: string, since: Since): Following {
    try {
      return this.broker.open(address, since);
    } catch (error) {
      // The words of the sockets, in those of HTTP.
      throw error instanceof Refusal && error.code === 'invalid_header' ? noLog() : error;
    }
  }

  #begin(response: ServerResponse, user: User, eventOf: EventStreamRequest['eventOf']): EventStream {
    const { connections } = this.endpoints;
    const remoteAddress = this.endpoints.addressOf(response.req);
    if (!connections.hasPlaceFor(remoteAddress)) {
      this.endpoints.refused.add('http', { code: 'connection_limit' });
      throw new Refusal('rate_limited', 'Too many connections from this address.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }

    let stream: EventStream | undefined;
    const connection = this.#register(user, () => stream?.end());
    stream = new EventStream(response, {
      limits: this.#limits,
      clock: systemClock,
      share: connection.share,
      owner: connection,
      ...(eventOf && { eventOf }),
    });
    connections.add(stream, remoteAddress);
    const { ended, expiresAt } = user;
    const { clockStepMs } = this.#limits;
    const end = (): void => stream.end();
    const stopWatching = watchLogin({ ended, expiresAt }, { clock: systemClock, clockStepMs }, end);
    if (ended?.aborted) end();
    void stream.closed.then(() => {
      stopWatching();
      this.registry.delete(connection);
      connections.delete(stream, remoteAddress);
    });
    return stream;
  }

  #register(user: User, terminate: () => void): OpenConnection {
    const id = randomBytes(12).toString('base64url');
    const share = this.registry.shareOf(user.name);
    const connection = { id, user, share, transport: 'sse', isStream: true, terminate };
    try {
      this.registry.add(connection);
      return connection;
    } catch (error) {
      // The words of the sockets, in those of HTTP.
      if (!(error instanceof Refusal)) throw error;
      this.endpoints.refused.add('http', error);
      const { message } = error;
      throw error.code === 'connection_limit'
        ? new Refusal('rate_limited', message, { retryAfterMs: RETRY_AFTER_MS, cause: error })
        : new Refusal('unavailable', message, { cause: error });
    }
  }
}

function noLog(): Refusal {
  const message = 'This address has no log to resume from; ask for it without a position.';
  return new Refusal('invalid_request', message, {
    details: { errors: [{ path: 'since', message }] },
  });
}
