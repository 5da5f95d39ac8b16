import { Logger, Module, type DynamicModule } from '@nestjs/common';
import type { StoreOptions } from './database.js';
import { Store } from './store.js';

/** Gives a Nest application its `Store`: connected and migrated before anything that asks for it is built. */
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
      ],
      exports: [Store],
    };
  }
}
