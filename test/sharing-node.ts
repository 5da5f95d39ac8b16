import { Nodes1764320000000 } from '../migrations/1764320000000-nodes.js';
import { Queues1763700000002 } from '../migrations/1763700000002-queues.js';
import { limitsWith, type Limits } from '../src/library/limits.js';
import { Nodes } from '../src/library/store/nodes.js';
import { SharedQueueStore } from '../src/library/store/shared-queue-store.js';
import { Store } from '../src/library/store/store.js';

/** A node of several on one PostgreSQL, with its queues and nothing else. */
export class SharingNode {
  #isStopped = false;

  private constructor(
    readonly store: Store,
    readonly nodes: Nodes,
    readonly queues: SharedQueueStore,
    /** What was told as a fault. */
    readonly faults: readonly string[],
    /** What it was warned of: who is dead. */
    readonly warnings: readonly string[],
  ) {}

  static async start(databaseUrl: string, given: Partial<Limits> = {}): Promise<SharingNode> {
    const limits = limitsWith(given);
    const faults: string[] = [];
    const warnings: string[] = [];
    const logError = (message: string, error: unknown): void => {
      faults.push(`${message}: ${String(error)}`);
    };
    const store = await Store.open({
      entities: [],
      migrations: [Queues1763700000002, Nodes1764320000000],
      databaseUrl,
      limits,
      logError,
    });
    const nodes = await Nodes.join({
      ...{ databaseUrl, version: 1, limits, logError },
      logWarning: (message) => warnings.push(message),
    });
    const queues = await SharedQueueStore.open(store, nodes, {
      limits,
      onFault: (error) => logError('queues', error),
    });
    return new SharingNode(store, nodes, queues, faults, warnings);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.queues.close();
    await this.nodes.leave();
    await this.store.close();
  }
}
