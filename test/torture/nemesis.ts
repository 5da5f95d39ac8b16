import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Engine } from '../engines.js';
import type { TcpProxy } from '../tcp-proxy.js';
import type { Cluster, Node } from './cluster.js';
import type { Random } from './random.js';
import type { Tally } from './tally.js';

/**
 * - `node`: a node is killed and started again, or stands still for 5 s, where there are others
 * - `engine`: the relay's engine is killed and started again
 * - `line`: a node is cut from the engine
 * - `database`: a node is cut from PostgreSQL, or all of its connections are ended by it
 */
export const victims = ['node', 'engine', 'line', 'database'] as const;
export type Victim = (typeof victims)[number];

export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly victims: readonly Victim[];
  readonly random: Random;
  readonly tally: Tally;
  /** One that may be killed. */
  readonly engine?: Engine | undefined;
  readonly databaseUrl?: string | undefined;
}

/** Longer than a node may be silent before the others take what it holds. */
const PAUSE_MS = 5_000;

/** Does to the nodes and to what they stand on whatever happens on a bad day, one thing after the other and some at once. */
export class Nemesis {
  /** What goes on meanwhile: each is in trouble once at a time. */
  readonly #lasting = new Map<object, Promise<void>>();

  constructor(private readonly options: NemesisOptions) {}

  /** Resolves when a node is up again that was killed; what else goes wrong goes on for a while. */
  async strike(): Promise<void> {
    const victim = this.options.random.pick(this.options.victims);
    const node = this.options.random.pick(this.options.cluster.nodes);
    switch (victim) {
      case 'node':
        return this.#strikeNode(node);
      case 'engine':
        return this.#strikeEngine();
      case 'line':
        return this.#strikeLine('line', node.line);
      case 'database':
        if (this.options.random.chance(0.3)) return this.#endDatabaseConnections();
        return this.#strikeLine('database', node.database);
    }
  }

  /** Resolves when nothing is in trouble any more. */
  async over(): Promise<void> {
    while (this.#lasting.size > 0) await Promise.all(this.#lasting.values());
  }

  async #strikeNode(node: Node): Promise<void> {
    const { random, cluster, tally } = this.options;
    if (this.#lasting.has(node)) return;
    if (cluster.nodes.length > 1 && random.chance(0.3)) {
      tally.strikes.add('node stood still');
      node.host.pause();
      return this.#last(node, PAUSE_MS, () => node.host.goOn());
    }
    tally.strikes.add('node killed');
    await node.host.restart();
  }

  #strikeEngine(): void {
    const { engine, random, tally } = this.options;
    if (!engine || this.#lasting.has(engine)) return;
    tally.strikes.add('engine killed');
    const killed = engine.kill();
    this.#last(engine, random.magnitude(50, 5_000), async () => {
      await killed;
      await engine.restart();
    });
  }

  #strikeLine(name: string, proxy: TcpProxy | undefined): void {
    const { random, tally } = this.options;
    if (!proxy || this.#lasting.has(proxy)) return;
    const fate = random.pick(['cut', 'gone', 'hung'] as const);
    tally.strikes.add(`${name} ${fate}`);
    if (fate === 'cut') return proxy.cut();
    const forMs = random.magnitude(50, 6_000);
    if (fate === 'hung') {
      proxy.hang();
      return this.#last(proxy, forMs, () => proxy.flow());
    }
    const gone = proxy.stop();
    this.#last(proxy, forMs, async () => {
      await gone;
      await proxy.resume();
    });
  }

  async #endDatabaseConnections(): Promise<void> {
    const { databaseUrl, tally } = this.options;
    if (!databaseUrl?.startsWith('postgres')) return;
    tally.strikes.add('database connections ended');
    await endConnections(databaseUrl);
  }

  #last(who: object, ms: number, end: () => void | Promise<void>): void {
    const lasting = sleep(ms)
      .then(end)
      .finally(() => this.#lasting.delete(who));
    this.#lasting.set(who, lasting);
  }
}

/** Ends every connection to this database but its own. */
export async function endConnections(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  } finally {
    await client.end();
  }
}
