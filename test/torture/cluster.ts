import type { FreshDatabase } from '../databases.js';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { Host } from './host.js';
import type { Random } from './random.js';

export interface ClusterOptions {
  readonly nodes: number;
  readonly environment: Readonly<Record<string, string>>;
  /** A SQLite file of its own without, which only one node can have. */
  readonly databaseUrl?: FreshDatabase['url'] | undefined;
  /** `RELAY_URL`; the default without. */
  readonly relayUrl?: string | undefined;
}

/** A node, and what may go wrong between it and what it stands on. */
export interface Node {
  readonly name: string;
  readonly host: Host;
  /** To PostgreSQL. */
  readonly database: TcpProxy | undefined;
  /** To the engine of the relay, which PostgreSQL is too. */
  readonly line: TcpProxy | undefined;
}

/** The way of one client to some node, which `roam` changes. */
export interface Route {
  /** Where the node listens; undefined while it is down. */
  port(): number | undefined;
  /** From now on it leads to any node that is up. */
  roam(): void;
}

/** Nodes that are one server, each behind proxies of its own. */
export class Cluster {
  static async start(options: ClusterOptions): Promise<Cluster> {
    // The first makes the tables; that several may do so at once is a test of its own.
    const first = await startNode(1, options);
    const others = Array.from({ length: options.nodes - 1 }, (_, i) => startNode(i + 2, options));
    return new Cluster([first, ...(await Promise.all(others))]);
  }

  private constructor(readonly nodes: readonly Node[]) {}

  /** Rejects when a node ends that nobody killed. */
  get failed(): Promise<never> {
    return Promise.race(this.nodes.map(({ host }) => host.failed));
  }

  get first(): Host {
    const [node] = this.nodes;
    if (!node) throw new RangeError('a cluster without nodes');
    return node.host;
  }

  route(random: Random): Route {
    let node = random.pick(this.nodes);
    return {
      port: () => node.host.port,
      roam: () => {
        const up = this.nodes.filter(({ host }) => host.port !== undefined);
        if (up.length > 0) node = random.pick(up);
      },
    };
  }

  /** Kills all at once, and starts them again. */
  async restart(): Promise<void> {
    await Promise.all(this.nodes.map(({ host }) => host.restart()));
  }

  /** After the nodes have ended. */
  async close(): Promise<void> {
    const proxies = this.nodes.flatMap(({ database, line }) => [database, line]);
    for (const proxy of proxies) await proxy?.stop();
  }
}

async function startNode(
  number: number,
  { environment, databaseUrl, relayUrl }: ClusterOptions,
): Promise<Node> {
  const database = databaseUrl?.startsWith('postgres') ? await throughProxy(databaseUrl) : undefined;
  const line = relayUrl?.includes('://') ? await throughProxy(relayUrl) : undefined;
  const host = await Host.start({
    environment: {
      ...environment,
      ...(databaseUrl !== undefined && { DATABASE_URL: database?.url ?? databaseUrl }),
      ...(relayUrl !== undefined && { RELAY_URL: line?.url ?? relayUrl }),
    },
  });
  return { name: `node ${number}`, host, database: database?.proxy, line: line?.proxy };
}

const usualPorts: Readonly<Record<string, string>> = { postgres: '5432', redis: '6379', amqp: '5672' };

/** @returns the same place as a URL that leads through the proxy */
async function throughProxy(text: string): Promise<{ readonly url: string; readonly proxy: TcpProxy }> {
  const url = new URL(text);
  const port = Number(url.port || usualPorts[url.protocol.replace(':', '')]);
  const proxy = await tcpProxy({ host: url.hostname, port });
  url.hostname = '127.0.0.1';
  url.port = `${proxy.port}`;
  return { url: url.href, proxy };
}
