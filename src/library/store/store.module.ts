import { Logger, Module, type DynamicModule } from '@nestjs/common';
import type { StoreOptions } from './database.js';
import { KeptAnswers } from './kept-answers.js';
import { SqlTopicStore } from './sql-topic-store.js';
import { Store } from './store.js';

/** Gives a Nest application its `Store`, `KeptAnswers` and `SqlTopicStore`: connected and migrated before anything that asks for it is built. */
@Module({})
export class StoreModule {
  static forRoot(options: Omit<StoreOptions, 'logError'>): DynamicModule {
    const logger = new Logger(Store.name);
    return {
      module: StoreModule,
      global: true,
      providers: [
        {
          provide: Store,
          useFactory: () =>
            Store.open({ ...options, logError: (message, error) => logger.error(message, error) }),
        },
        {
          provide: KeptAnswers,
          inject: [Store],
          useFactory: (store: Store) => new KeptAnswers(store, options.limits),
        },
        { provide: SqlTopicStore, inject: [Store], useFactory: (store: Store) => new SqlTopicStore(store) },
      ],
      exports: [Store, KeptAnswers, SqlTopicStore],
    };
  }
}
