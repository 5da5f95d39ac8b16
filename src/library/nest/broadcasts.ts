import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { EVENT_TYPE } from '../broker/message.js';
import type { User } from '../session/ports.js';
import { EventStreams } from './event-streams.js';
import { MessagingTemplate } from './template.js';

/** Server-Sent Events of one topic, typed by a map of events: `{ price: { symbol: string } }`. */
export interface Broadcast<Events extends object = Record<string, unknown>> {
  readonly topic: string;
  /** Streams of it on this node. */
  readonly clients: number;
  /** To every subscriber of the topic on all nodes; streams get it as that event, STOMP clients with that `event-type`. */
  send<Name extends keyof Events & string>(event: Name, data: Events[Name]): void;
  /** The same without a name: what pages hear by `onmessage`. */
  message(data: unknown): void;
  /**
   * Opens a stream for a GET that was answered with nothing yet; comments keep it alive.
   * @param request the reader; the caller has to check that this user may read the topic
   * @throws {Refusal} rate_limited, room_full, unavailable
   */
  stream(request: { readonly response: ServerResponse; readonly user: User }): Promise<void>;
}

/** Topics as Server-Sent Events. */
@Injectable()
export class Broadcasts {
  readonly #broadcasts = new Map<string, Broadcast>();

  constructor(
    private readonly template: MessagingTemplate,
    private readonly streams: EventStreams,
  ) {}

  /** @param topic such as `/topic/stocks` */
  of<Events extends object = Record<string, unknown>>(topic: string): Broadcast<Events> {
    const broadcast = this.#broadcasts.get(topic) ?? this.#made(topic);
    this.#broadcasts.set(topic, broadcast);
    return broadcast as Broadcast<Events>;
  }

  #made(topic: string): Broadcast {
    const { template, streams } = this;
    let clients = 0;
    return {
      topic,
      get clients() {
        return clients;
      },
      send: (event, data) => template.convertAndSend(topic, data, { [EVENT_TYPE]: event }),
      message: (data) => template.convertAndSend(topic, data),
      async stream({ response, user }) {
        await streams.open({ response, user, address: topic });
        if (response.destroyed || response.writableEnded) return;
        clients++;
        response.once('close', () => clients--);
      },
    };
  }
}
