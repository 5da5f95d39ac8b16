import { Logger, Module, type DynamicModule } from '@nestjs/common';
import type { Limits } from '../limits.js';
import { Nodes } from './nodes.js';
import { SharedQueueStore } from './shared-queue-store.js';
import { Store } from './store.js';

/** Where the nodes of one database find each other. */
export interface NodesModuleOptions {
  /** Of the `Store`: PostgreSQL. */
  readonly databaseUrl: string;
  readonly limits: Limits;
  /** Of the newest envelope that this node reads from the others. */
  readonly version: number;
}

/** Makes a Nest application one of several nodes on one PostgreSQL: gives it `Nodes` and `SharedQueueStore`. Needs `StoreModule`. */
@Module({})
export class NodesModule {
  static forRoot({ databaseUrl, limits, version }: NodesModuleOptions): DynamicModule {
    const nodesLogger = new Logger(Nodes.name);
    const queuesLogger = new Logger(SharedQueueStore.name);
    return {
      module: NodesModule,
      global: true,
      providers: [
        {
          provide: Nodes,
          // The store has made its table.
          inject: [Store],
          useFactory: () =>
            Nodes.join({
              databaseUrl,
              version,
              limits,
              logError: (message, error) => nodesLogger.error(message, error),
              logWarning: (message) => nodesLogger.warn(message),
            }),
        },
        {
          provide: SharedQueueStore,
          inject: [Store, Nodes],
          useFactory: (store: Store, nodes: Nodes) =>
            SharedQueueStore.open(store, nodes, {
              limits,
              onFault: (error) => queuesLogger.error('Could not look for messages of queues', error),
            }),
        },
      ],
      exports: [Nodes, SharedQueueStore],
    };
  }
}
