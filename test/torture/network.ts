import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Route } from './cluster.js';
import type { Random } from './random.js';
import type { Tally } from './tally.js';

/**
 * A bad network between one client and the server: connections are cut, most often in the middle of what was sent, and
 * stand still for a while, so that the server's writes back up. What it passes on, it passes on as it is.
 */
export class Network {
  readonly #links = new Set<Link>();
  #isCalm = false;

  static async open(random: Random, route: Route, tally: Tally, weather: Weather): Promise<Network> {
    const server = createServer({ allowHalfOpen: true });
    const network = new Network(server, random, route, tally, weather);
    server.on('connection', (client) => network.#link(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  private constructor(
    private readonly server: Server,
    private readonly random: Random,
    private readonly route: Route,
    private readonly tally: Tally,
    private readonly weather: Weather,
  ) {}

  /** Whether there is a server at the other end. */
  get isUp(): boolean {
    return this.route.port() !== undefined;
  }

  /** Connections from now on are those to another node, where there is one. */
  roam(): void {
    this.route.roam();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on nothing goes wrong. */
  calm(): void {
    this.#isCalm = true;
    this.#links.forEach((link) => link.calm());
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.#links.forEach((link) => link.destroy());
    await closed;
  }

  #link(client: Socket): void {
    const port = this.route.port();
    client.on('error', () => undefined);
    if (port === undefined) return void client.destroy();
    const link = new Link(client, port, this.tally, this.#isCalm ? {} : this.weather(this.random));
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
  }
}

/** What becomes of a connection. */
interface Fate {
  /** Bytes of the server, of the client, after which it is cut. */
  readonly down?: number | undefined;
  readonly up?: number | undefined;
  readonly cutAfterMs?: number | undefined;
  /** Bytes of the server after which nothing is read from it for a while. */
  readonly stallAt?: number | undefined;
  readonly stallMs?: number;
  /** A reset instead of an orderly end, towards the server. */
  readonly isReset?: boolean;
}

/** Decides what becomes of a new connection. */
export type Weather = (random: Random) => Fate;

/** For readers, whose connections bring much and stay. */
export const storm: Weather = (random) => ({
  down: sometimes(random, 0.5, random.magnitude(100, 500_000)),
  up: sometimes(random, 0.08, random.between(1, 700)),
  cutAfterMs: sometimes(random, 0.4, random.magnitude(50, 6_000)),
  stallAt: sometimes(random, 0.3, random.magnitude(100, 200_000)),
  stallMs: random.magnitude(100, 4_000),
  isReset: random.chance(0.5),
});

/** For writers, most of whose requests are to be answered. */
export const squalls: Weather = (random) => ({
  down: random.magnitude(200, 100_000),
  up: sometimes(random, 0.3, random.magnitude(200, 100_000)),
  isReset: random.chance(0.5),
});

function sometimes(random: Random, probability: number, value: number): number | undefined {
  return random.chance(probability) ? value : undefined;
}

class Link {
  readonly #server: Socket;
  #down = 0;
  #up = 0;
  #isStalled = false;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly client: Socket,
    port: number,
    private readonly tally: Tally,
    private fate: Fate,
  ) {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#server = server;
    server.on('error', () => undefined);

    client.on('data', (bytes: Buffer) => this.#fromClient(bytes));
    server.on('data', (bytes: Buffer) => this.#fromServer(bytes));
    client.on('drain', () => this.#isStalled || server.resume());
    server.on('drain', () => client.resume());
    client.on('end', () => server.end());
    server.on('end', () => client.end());
    client.on('close', () => this.destroy());
    // What was passed on before still arrives.
    server.on('close', () => client.destroySoon());
    if (fate.cutAfterMs !== undefined) this.#after(fate.cutAfterMs, () => this.#cut());
  }

  calm(): void {
    this.fate = {};
    this.#forgetTimers();
    this.#resume();
  }

  destroy(): void {
    this.#forgetTimers();
    this.client.destroy();
    this.#server.destroy();
  }

  #fromClient(bytes: Buffer): void {
    const rest = (this.fate.up ?? Infinity) - this.#up;
    this.#up += bytes.length;
    if (bytes.length >= rest) {
      this.#server.write(bytes.subarray(0, rest));
      return this.#cut();
    }
    if (!this.#server.write(bytes)) this.client.pause();
  }

  #fromServer(bytes: Buffer): void {
    const rest = (this.fate.down ?? Infinity) - this.#down;
    this.#down += bytes.length;
    if (bytes.length >= rest) {
      this.client.write(bytes.subarray(0, rest));
      if (bytes.length > rest) this.tally.torn += 1;
      return this.#cut();
    }
    if (!this.client.write(bytes)) this.#server.pause();
    if (this.#down >= (this.fate.stallAt ?? Infinity)) this.#stall();
  }

  #cut(): void {
    if (this.client.destroyed || this.client.writableEnded) return;
    this.tally.cuts += 1;
    this.#forgetTimers();
    this.client.removeAllListeners('data').resume();
    this.client.destroySoon();
    if (this.fate.isReset) this.#server.resetAndDestroy();
    else this.#server.destroySoon();
    this.#server.removeAllListeners('data').resume();
  }

  #stall(): void {
    this.fate = { ...this.fate, stallAt: undefined };
    this.tally.stalls += 1;
    this.#isStalled = true;
    this.#server.pause();
    this.#after(this.fate.stallMs ?? 0, () => this.#resume());
  }

  #resume(): void {
    this.#isStalled = false;
    this.#server.resume();
  }

  #after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, ms);
    this.#timers.add(timer);
  }

  #forgetTimers(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }
}
