import { Controller, Get, Inject } from '@nestjs/common';
import { REST_OPTIONS, type AboutWorker, type RestOptions } from './tokens.ts';

/** Ours beside Connect's API: what the command line asks the worker that it works with. */
@Controller('api/worker')
export class WorkerController {
  readonly #about: AboutWorker;

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.#about = options.about ?? { bootstrap_servers: '', config_providers: [] };
  }

  @Get()
  about(): AboutWorker {
    return this.#about;
  }
}
