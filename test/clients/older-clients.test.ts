import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type RunningBroker } from './broker.js';
import { isInstalled } from './installed.js';

const require = createRequire(import.meta.url);

/** A message as a client hands it over. */
interface Arrived {
  readonly body: string;
  readonly isAgain: boolean;
  ack(): void;
}

/** What each client does in its own way. */
interface OldClient {
  /** Resolves when it has signed in. It consumes the queue with acknowledgements, and does so again when it comes back. */
  start(broker: RunningBroker, queue: string, arrived: (message: Arrived) => void): Promise<void>;
  send(queue: string, body: string): void;
  stop(): void;
}

interface Kind {
  readonly module: string;
  readonly over: string;
  create(): OldClient;
}

/** Clients of npm that people still have, unmodified, over the transport that they were made for. */
const kinds: readonly Kind[] = [
  { module: 'stompjs', over: 'WebSocket', create: () => new StompJs2(overWebSocket) },
  { module: 'stompjs', over: 'TCP', create: () => new StompJs2(overTcp) },
  { module: 'webstomp-client', over: 'WebSocket', create: () => new WebStomp() },
  { module: 'stompit', over: 'TCP', create: () => new Stompit() },
  { module: 'stomp-client', over: 'TCP', create: () => new StompClient() },
];

describe.each(kinds)('$module over $over', ({ module, over, create }) => {
  const isThere = isInstalled(module);
  let broker: RunningBroker | undefined;
  let client: OldClient | undefined;

  afterEach(async () => {
    client?.stop();
    await broker?.stop();
  });

  it.skipIf(!isThere)(
    `sends, settles, and goes on over a restart of the server${isThere ? '' : ' (the package is not installed)'}`,
    async () => {
      const queue = `/queue/${module}-${over}`;
      const arrived: Arrived[] = [];
      let wake = (): void => {};
      const next = async (): Promise<Arrived> => {
        for (;;) {
          const message = arrived.shift();
          if (message) return message;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      };
      broker = await startBroker();
      client = create();
      await client.start(broker, queue, (message) => {
        arrived.push(message);
        wake();
      });

      client.send(queue, 'grün ✓ 😀');
      const first = await next();
      expect([first.body, first.isAgain]).toEqual(['grün ✓ 😀', false]);
      first.ack();
      client.send(queue, 'held');
      expect((await next()).body).toBe('held');

      await broker.restart();

      const again = await next();
      expect([again.body, again.isAgain]).toEqual(['held', true]);
      again.ack();
      client.send(queue, 'after');
      const after = await next();
      expect([after.body, after.isAgain]).toEqual(['after', false]);
      after.ack();
      expect(broker.server.faults).toEqual([]);
    },
  );
});

/** A queue's message among the headers of whichever client. */
function isAgain(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['redelivered'] === 'true';
}

interface OverSocket {
  connect(headers: object, connected: () => void, failed: (error: unknown) => void): void;
  subscribe(
    destination: string,
    heard: (message: {
      readonly body: string;
      readonly headers: Record<string, string>;
      ack(): void;
    }) => void,
    headers: object,
  ): unknown;
  send(destination: string, ...more: unknown[]): void;
  debug: unknown;
}

/** The two clients that leave it to their user to come back: a new socket, when the old one is gone. */
abstract class ComingBack implements OldClient {
  #client: OverSocket | undefined;
  #isStopped = false;
  #socket: { close(): void } | undefined;

  async start(broker: RunningBroker, queue: string, arrived: (message: Arrived) => void): Promise<void> {
    const { client, socket } = await this.open(broker);
    client.debug = () => {};
    this.#client = client;
    this.#socket = socket;
    await new Promise<void>((resolve) => {
      client.connect({ login: 'ada', passcode: 'x' }, resolve, () => {
        if (!this.#isStopped) void this.start(broker, queue, arrived);
      });
    });
    client.subscribe(
      queue,
      (message) =>
        arrived({ body: message.body, isAgain: isAgain(message.headers), ack: () => message.ack() }),
      { ack: 'client' },
    );
  }

  send(queue: string, body: string): void {
    this.write(this.#client, queue, body);
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.close();
  }

  protected abstract open(
    broker: RunningBroker,
  ): Promise<{ readonly client: OverSocket; readonly socket: { close(): void } }>;
  protected abstract write(client: OverSocket | undefined, queue: string, body: string): void;
}

class StompJs2 extends ComingBack {
  readonly #library = require('stompjs') as {
    over(socket: unknown): OverSocket;
    overTCP(host: string, port: number): OverSocket;
  };

  constructor(private readonly reach: typeof overWebSocket | typeof overTcp) {
    super();
  }

  protected override async open(broker: RunningBroker) {
    if (this.reach === overTcp) {
      await listening(broker);
      const client = this.#library.overTCP('127.0.0.1', broker.tcpPort);
      return { client, socket: (client as unknown as { ws: { close(): void } }).ws };
    }
    const socket = await overWebSocket(broker, ['v10.stomp', 'v11.stomp']);
    return { client: this.#library.over(socket), socket };
  }

  protected override write(client: OverSocket | undefined, queue: string, body: string): void {
    client?.send(queue, {}, body);
  }
}

class WebStomp extends ComingBack {
  readonly #library = require('webstomp-client') as { over(socket: unknown, options: object): OverSocket };

  protected override async open(broker: RunningBroker) {
    const socket = await overWebSocket(broker, ['v10.stomp', 'v11.stomp', 'v12.stomp']);
    return { client: this.#library.over(socket, { debug: false }), socket };
  }

  protected override write(client: OverSocket | undefined, queue: string, body: string): void {
    client?.send(queue, body, {});
  }
}

/** A WebSocket of a server that is up, before it is open: these clients wait for that themselves. */
async function overWebSocket(broker: RunningBroker, subprotocols: string[]): Promise<WebSocket> {
  await listening(broker);
  return new WebSocket(broker.webSocketUrl, subprotocols);
}

function overTcp(broker: RunningBroker): Socket {
  return connectTcp(broker.tcpPort, '127.0.0.1');
}

/** As an impatient user would: again, until somebody is there. */
async function listening(broker: RunningBroker): Promise<void> {
  for (;;) {
    const socket = overTcp(broker);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Nobody is there yet.
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      socket.destroy();
    }
  }
}

interface StompitChannel {
  subscribe(
    headers: object,
    heard: (error: Error | null, message: StompitMessage, subscription: unknown) => void,
  ): void;
  send(headers: object, body: string): void;
  ack(message: StompitMessage): void;
  close(): void;
}

interface StompitMessage {
  readonly headers: Record<string, string>;
  readString(encoding: string, done: (error: Error | null, body: string) => void): void;
}

/** Its channels come back by themselves. */
class Stompit implements OldClient {
  readonly #library = require('stompit') as {
    ConnectFailover: new (servers: object[], options: object) => object;
    Channel: new (failover: object, options: object) => StompitChannel;
  };
  #channel: StompitChannel | undefined;

  async start({ tcpPort }: RunningBroker, queue: string, arrived: (message: Arrived) => void): Promise<void> {
    const connectHeaders = { host: '/', login: 'ada', passcode: 'x' };
    const failover = new this.#library.ConnectFailover(
      [{ host: '127.0.0.1', port: tcpPort, connectHeaders }],
      { initialReconnectDelay: 10, maxReconnects: 100, useExponentialBackOff: false },
    );
    const channel = new this.#library.Channel(failover, { alwaysConnected: true });
    this.#channel = channel;
    channel.subscribe({ destination: queue, ack: 'client-individual' }, (error, message) => {
      if (error) return;
      message.readString('utf-8', (_error, body) => {
        arrived({ body, isAgain: isAgain(message.headers), ack: () => channel.ack(message) });
      });
    });
  }

  send(destination: string, body: string): void {
    this.#channel?.send({ destination }, body);
  }

  stop(): void {
    this.#channel?.close();
  }
}

interface StompClientLibrary {
  new (settings: object): {
    connect(connected: () => void, failed: (error: Error) => void): void;
    subscribe(
      queue: string,
      headers: object,
      heard: (body: string, headers: Record<string, string>) => void,
    ): void;
    publish(queue: string, body: string): void;
    ack(messageId: string | undefined): void;
    disconnect(): void;
  };
}

/** Speaks 1.0, comes back by itself and subscribes before it is CONNECTED. */
class StompClient implements OldClient {
  readonly #library = require('stomp-client') as StompClientLibrary;
  #client: InstanceType<StompClientLibrary> | undefined;

  async start({ tcpPort }: RunningBroker, queue: string, arrived: (message: Arrived) => void): Promise<void> {
    const client = new this.#library({
      host: '127.0.0.1',
      port: tcpPort,
      user: 'ada',
      pass: 'x',
      reconnectOpts: { retries: 100, delay: 10 },
    });
    this.#client = client;
    await new Promise<void>((resolve) => client.connect(resolve, () => {}));
    client.subscribe(queue, { ack: 'client' }, (body, headers) => {
      arrived({ body, isAgain: isAgain(headers), ack: () => client.ack(headers['message-id']) });
    });
  }

  send(queue: string, body: string): void {
    this.#client?.publish(queue, body);
  }

  stop(): void {
    this.#client?.disconnect();
  }
}
