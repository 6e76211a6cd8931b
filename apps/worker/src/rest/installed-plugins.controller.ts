import { Controller, Get, Inject } from '@nestjs/common';
import type { Herder, PluginReport } from '@millrace/runtime';
import { HERDER } from './tokens.ts';

/** Ours beside Connect's API: plugins with their packages, and what is wrong with packages that were found. */
@Controller('api/plugins')
export class InstalledPluginsController {
  readonly #herder: Herder;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#herder = herder;
  }

  @Get()
  report(): PluginReport {
    return this.#herder.installedPlugins();
  }
}
