import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Channel, type ChannelModel, type SocketOptions } from 'amqplib';
import {
  EngineLine,
  LARGEST,
  type ConnectionEvents,
  type EngineConnection,
  type LineLimits,
  type Sent,
} from './engine-line.js';
import type { Line } from './line.js';

/** A line through RabbitMQ: a direct exchange, and a queue for each node that goes when its connection does. */
export function rabbitmqLine(url: string, limits: LineLimits): Line {
  return new EngineLine(
    {
      name: `RabbitMQ at ${new URL(url).host}`,
      largest: LARGEST,
      connection: (events) => new RabbitmqConnection(url, events),
    },
    limits,
  );
}

const EXCHANGE = 'carillon';

/** What waits for a node that doesn't read; the oldest go first. */
const QUEUE_BYTES = 64 * 1024 * 1024;

class RabbitmqConnection implements EngineConnection {
  readonly #queue = `carillon.${randomUUID()}`;
  readonly #over = new AbortController();
  #model: ChannelModel | undefined;
  #hearing: Channel | undefined;
  #telling: Channel | undefined;

  constructor(
    private readonly url: string,
    private readonly events: ConnectionEvents,
  ) {}

  async connect(): Promise<void> {
    // The signal is the socket's (net.connect), which the driver ends only politely.
    const options: SocketOptions & { signal: AbortSignal } = {
      // Else each payload waits for the acknowledgement of the one before: 40 ms.
      noDelay: true,
      signal: this.#over.signal,
      clientProperties: { connection_name: 'carillon relay' },
    };
    this.#model = await connect(this.url, options);
    this.#heed(this.#model);
    this.#hearing = await this.#channel(this.#model);
    this.#telling = await this.#channel(this.#model);

    await this.#hearing.assertExchange(EXCHANGE, 'direct', { durable: true });
    await this.#hearing.assertQueue(this.#queue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { 'x-max-length-bytes': QUEUE_BYTES },
    });
    const consumer = { noAck: true, exclusive: true };
    await this.#hearing.consume(
      this.#queue,
      (message) => {
        // Called with null when somebody deletes the queue.
        if (message) this.events.heard(message.fields.routingKey, message.content);
        else this.events.lost(new Error('the queue is gone'));
      },
      consumer,
    );
  }

  async listen(channels: readonly string[]): Promise<void> {
    await Promise.all(
      channels.map((channel) => this.#opened(this.#hearing).bindQueue(this.#queue, EXCHANGE, channel)),
    );
  }

  async unlisten(channels: readonly string[]): Promise<void> {
    await Promise.all(
      channels.map((channel) => this.#opened(this.#hearing).unbindQueue(this.#queue, EXCHANGE, channel)),
    );
  }

  async send(letters: readonly Sent[]): Promise<void> {
    const telling = this.#opened(this.#telling);
    let hasRoom = true;
    for (const { channel, payload } of letters)
      hasRoom = telling.publish(
        EXCHANGE,
        channel,
        Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      );
    if (!hasRoom) await once(telling, 'drain');
  }

  async ask(): Promise<void> {
    await Promise.all([
      this.#opened(this.#hearing).checkExchange(EXCHANGE),
      this.#opened(this.#telling).checkExchange(EXCHANGE),
    ]);
  }

  async end(): Promise<void> {
    // The driver lets the close of a connection overtake what its channels still send.
    await this.ask();
    await this.#model?.close();
  }

  destroy(): void {
    this.#over.abort();
  }

  async #channel(model: ChannelModel): Promise<Channel> {
    const channel = await model.createChannel();
    this.#heed(channel);
    return channel;
  }

  /** An error that nobody listens for ends the process. */
  #heed(part: Channel | ChannelModel): void {
    part.on('error', (error) => this.events.lost(error));
    part.on('close', () => this.events.lost(new Error('the connection was closed')));
  }

  #opened(channel: Channel | undefined): Channel {
    if (!channel) throw new Error('the connection is not there yet');
    return channel;
  }
}
