import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Put, Req } from '@nestjs/common';
import { MillraceError } from '@millrace/foundation';
import type { ConnectorOffsets, Herder } from '@millrace/runtime';
import { readOffsetsBody, type BodyRequest } from './request-body.ts';
import { HERDER, REST_OPTIONS, type RestOptions } from './tokens.ts';

/** What a connector has done so far: its offsets (KIP-875) and the topics that it has used (KIP-558). */
@Controller('connectors/:name')
export class OffsetsController {
  readonly #herder: Herder;
  readonly #topicTracking: RestOptions['topicTracking'];

  constructor(@Inject(HERDER) herder: Herder, @Inject(REST_OPTIONS) options: RestOptions) {
    this.#herder = herder;
    this.#topicTracking = options.topicTracking;
  }

  @Get('offsets')
  offsets(@Param('name') name: string): Promise<ConnectorOffsets> {
    return this.#herder.connectorOffsets(name);
  }

  @Patch('offsets')
  alterOffsets(@Param('name') name: string, @Req() request: BodyRequest): Promise<unknown> {
    return this.#herder.alterConnectorOffsets(name, readOffsetsBody(request));
  }

  @Delete('offsets')
  resetOffsets(@Param('name') name: string): Promise<unknown> {
    return this.#herder.resetConnectorOffsets(name);
  }

  @Get('topics')
  topics(@Param('name') name: string): unknown {
    if (!this.#topicTracking.enabled) throw forbidden('Topic tracking is disabled.');
    return Object.fromEntries([[name, { topics: this.#herder.connectorTopics(name) }]]);
  }

  @Put('topics/reset')
  @HttpCode(202)
  resetTopics(@Param('name') name: string): Promise<void> {
    if (!this.#topicTracking.enabled) throw forbidden('Topic tracking is disabled.');
    if (!this.#topicTracking.resetAllowed) throw forbidden('Topic tracking reset is disabled.');
    return this.#herder.resetConnectorTopics(name);
  }
}

function forbidden(message: string): MillraceError {
  return new MillraceError({
    code: 'connect.forbidden',
    retry: 'fatal',
    message,
    hint: 'see topic.tracking.enable and topic.tracking.allow.reset in the worker configuration',
  });
}
