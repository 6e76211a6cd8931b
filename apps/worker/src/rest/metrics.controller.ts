import { Controller, Get, Header, Inject } from '@nestjs/common';
import { prometheusText } from './prometheus.ts';
import { REST_OPTIONS, type RestOptions } from './tokens.ts';

@Controller('metrics')
export class MetricsController {
  readonly #metrics: RestOptions['metrics'];

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.#metrics = options.metrics;
  }

  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  text(): string {
    return prometheusText(this.#metrics());
  }
}
