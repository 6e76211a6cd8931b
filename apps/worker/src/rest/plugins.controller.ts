import { Controller, Get, HttpCode, Inject, Param, Put, Query, Req } from '@nestjs/common';
import type { ConfigInfos, ConfigKeyInfo, Herder, PluginInfo } from '@millrace/runtime';
import { booleanQuery } from './http.ts';
import { readConfigBody, type BodyRequest } from './request-body.ts';
import { HERDER } from './tokens.ts';

@Controller('connector-plugins')
export class PluginsController {
  readonly #herder: Herder;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#herder = herder;
  }

  @Get()
  list(@Query('connectorsOnly') connectorsOnly: unknown): readonly PluginInfo[] {
    return this.#herder.plugins(booleanQuery(connectorsOnly, true));
  }

  @Get(':name/config')
  config(
    @Param('name') name: string,
    @Query('version') version: unknown,
  ): readonly ConfigKeyInfo[] {
    return this.#herder.pluginConfig(name, typeof version === 'string' ? version : undefined);
  }

  @Put(':name/config/validate')
  @HttpCode(200)
  validate(@Param('name') name: string, @Req() request: BodyRequest): Promise<ConfigInfos> {
    return this.#herder.validateConfig(name, readConfigBody(request));
  }
}
