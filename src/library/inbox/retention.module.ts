import { Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Store } from '../store/store.js';
import { Retention, type RetentionOptions } from './retention.js';

/** Prunes inboxes as long as the application runs; needs `StoreModule`. */
@Module({})
export class RetentionModule implements OnApplicationShutdown {
  constructor(private readonly retention: Retention) {}

  static forRoot(options: Omit<RetentionOptions, 'logError'>): DynamicModule {
    const logger = new Logger(Retention.name);
    return {
      module: RetentionModule,
      providers: [
        {
          provide: Retention,
          inject: [Store],
          useFactory: (store: Store) =>
            new Retention(store, { ...options, logError: (message, error) => logger.error(message, error) }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.retention.start();
  }

  onApplicationShutdown(): void {
    this.retention.stop();
  }
}
