import { Module, type DynamicModule } from '@nestjs/common';
import type { Herder } from '@millrace/runtime';
import { ConnectorsController } from './connectors.controller.ts';
import { DeadLettersController } from './dead-letters.controller.ts';
import { ErrorsController } from './errors.controller.ts';
import { GroupController } from './group.controller.ts';
import { InstalledPluginsController } from './installed-plugins.controller.ts';
import { LoggersController } from './loggers.controller.ts';
import { MetricsController } from './metrics.controller.ts';
import { OffsetsController } from './offsets.controller.ts';
import { OpenApiController } from './openapi.controller.ts';
import { PluginsController } from './plugins.controller.ts';
import { RootController } from './root.controller.ts';
import { TasksController } from './tasks.controller.ts';
import { HERDER, REST_OPTIONS, type RestOptions } from './tokens.ts';
import { WorkerController } from './worker.controller.ts';

/** Kafka Connect's REST API over a finished herder. */
@Module({})
export class RestModule {
  static create(options: RestOptions & { readonly herder: Herder }): DynamicModule {
    return {
      module: RestModule,
      controllers: [
        RootController,
        ConnectorsController,
        TasksController,
        GroupController,
        OffsetsController,
        ErrorsController,
        DeadLettersController,
        PluginsController,
        InstalledPluginsController,
        LoggersController,
        MetricsController,
        WorkerController,
        OpenApiController,
      ],
      providers: [
        { provide: HERDER, useValue: options.herder },
        { provide: REST_OPTIONS, useValue: options },
      ],
    };
  }
}
