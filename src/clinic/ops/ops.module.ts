import { Module, type DynamicModule } from '@nestjs/common';
import type { Limits } from '../limits.js';
import { Store } from '../../library/store/store.js';
import { ApiDocsController } from './api-docs.controller.js';
import { DatabaseProbe } from './database-probe.js';
import { Drain } from './drain.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { ProcessLog } from './process-log.js';
import { Refreshed } from './refreshed.js';

/** The process as its operators see it. Needs `StoreModule` and `MessagingModule`. */
@Module({})
export class OpsModule {
  static forRoot(options: {
    readonly limits: Limits;
    readonly log: Pick<ProcessLog, 'droppedLines'>;
  }): DynamicModule {
    return {
      module: OpsModule,
      controllers: [HealthController, MetricsController, ApiDocsController],
      providers: [
        Drain,
        Metrics,
        { provide: ProcessLog, useValue: options.log },
        {
          provide: Refreshed,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new Refreshed(() => metrics.text(), options.limits.refreshMs),
        },
        {
          provide: DatabaseProbe,
          inject: [Store],
          useFactory: (store: Store) => new DatabaseProbe(store, options.limits),
        },
      ],
    };
  }
}
