import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Herder } from '@millrace/runtime';
import type { HttpResponse } from './http.ts';
import { HERDER, REST_OPTIONS, type RestOptions } from './tokens.ts';

/**
 * The Kafka Connect version whose REST API this is. Clients switch features on by it: at 4.1 plugin versions in
 * statuses and every endpoint that we serve exist, and nothing that came later is promised.
 */
const CONNECT_VERSION = '4.1.0';

@Controller()
export class RootController {
  readonly #herder: Herder;
  readonly #version: string;

  constructor(@Inject(HERDER) herder: Herder, @Inject(REST_OPTIONS) options: RestOptions) {
    this.#herder = herder;
    this.#version = options.version;
  }

  @Get()
  root(): unknown {
    return {
      version: CONNECT_VERSION,
      commit: 'unknown', // Kafka's own word for a build without one
      kafka_cluster_id: this.#herder.clusterId(),
      millrace_version: this.#version,
    };
  }

  @Get('health')
  health(@Res({ passthrough: true }) response: HttpResponse): unknown {
    const { state, message } = this.#herder.health();
    response.status({ healthy: 200, starting: 503, unhealthy: 500 }[state]);
    return { status: state, message };
  }
}
