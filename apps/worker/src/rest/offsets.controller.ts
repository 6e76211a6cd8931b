import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Put, Req } from '@nestjs/common';
import type { ConnectorOffsets, Herder } from '@millrace/runtime';
import { readOffsetsBody, type BodyRequest } from './request-body.ts';
import { HERDER } from './tokens.ts';

/** What a connector has done so far: its offsets (KIP-875) and the topics that it has used (KIP-558). */
@Controller('connectors/:name')
export class OffsetsController {
  readonly #herder: Herder;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#herder = herder;
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
    return Object.fromEntries([[name, { topics: this.#herder.connectorTopics(name) }]]);
  }

  @Put('topics/reset')
  @HttpCode(202)
  resetTopics(@Param('name') name: string): Promise<void> {
    return this.#herder.resetConnectorTopics(name);
  }
}
