import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { MillraceError } from '@millrace/foundation';
import type { ConnectorConfig, ConnectorInfo, ConnectorStatus, Herder } from '@millrace/runtime';
import { booleanQuery, repeatedQuery, type HttpResponse } from './http.ts';
import {
  hasNoBody,
  readConfigBody,
  readCreateBody,
  withName,
  type BodyRequest,
} from './request-body.ts';
import { HERDER } from './tokens.ts';

/** Connectors as a whole: their list, configuration and state. */
@Controller('connectors')
export class ConnectorsController {
  readonly #herder: Herder;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#herder = herder;
  }

  @Get()
  list(@Query('expand') expand: unknown): unknown {
    const kinds = repeatedQuery(expand);
    if (kinds.length === 0) return this.#herder.connectors();
    return expandConnectors(this.#herder, kinds);
  }

  @Post()
  async create(
    @Req() request: BodyRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectorInfo> {
    const info = await this.#herder.createConnector(readCreateBody(request));
    response.status(201).setHeader('Location', locationOf(request, info.name));
    return info;
  }

  @Get(':name')
  info(@Param('name') name: string): ConnectorInfo {
    return this.#herder.connectorInfo(name);
  }

  @Get(':name/config')
  config(@Param('name') name: string): ConnectorConfig {
    return this.#herder.connectorConfig(name);
  }

  @Put(':name/config')
  async putConfig(
    @Param('name') name: string,
    @Req() request: BodyRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectorInfo> {
    const config = withName(name, readConfigBody(request));
    const { created, info } = await this.#herder.putConnectorConfig(name, config);
    if (created) response.status(201).setHeader('Location', locationOf(request, name));
    return info;
  }

  @Patch(':name/config')
  patchConfig(@Param('name') name: string, @Req() request: BodyRequest): Promise<ConnectorInfo> {
    if (hasNoBody(request)) this.#herder.connectorConfig(name); // an unknown name comes first
    return this.#herder.patchConnectorConfig(name, readConfigBody(request));
  }

  @Delete(':name')
  @HttpCode(204)
  delete(@Param('name') name: string): Promise<void> {
    return this.#herder.deleteConnector(name);
  }

  @Get(':name/status')
  status(@Param('name') name: string): ConnectorStatus {
    return this.#herder.connectorStatus(name);
  }

  @Put(':name/pause')
  @HttpCode(202)
  pause(@Param('name') name: string): Promise<void> {
    return this.#herder.pauseConnector(name);
  }

  @Put(':name/resume')
  @HttpCode(202)
  resume(@Param('name') name: string): Promise<void> {
    return this.#herder.resumeConnector(name);
  }

  @Put(':name/stop')
  @HttpCode(204)
  stop(@Param('name') name: string): Promise<void> {
    return this.#herder.stopConnector(name);
  }

  @Post(':name/restart')
  async restart(
    @Param('name') name: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<ConnectorStatus | undefined> {
    const includeTasks = booleanQuery(query['includeTasks'], false);
    const onlyFailed = booleanQuery(query['onlyFailed'], false);
    const plan = await this.#herder.restartConnector(name, { includeTasks, onlyFailed });
    response.status(plan === undefined ? 204 : 202);
    return plan;
  }
}

/** Absolute, like Connect's, and it can be followed whatever the name is. */
function locationOf({ headers }: BodyRequest, name: string): string {
  const path = `/connectors/${encodeURIComponent(name)}`;
  const host = headers['host'];
  return typeof host === 'string' ? `http://${host}${path}` : path;
}

/** Connectors that vanish while they are listed are left out; unknown expansions are ignored. */
function expandConnectors(herder: Herder, kinds: readonly string[]): Record<string, unknown> {
  const entries = herder.connectors().flatMap((name): [string, unknown][] => {
    try {
      return [
        [
          name,
          {
            ...(kinds.includes('status') ? { status: herder.connectorStatus(name) } : {}),
            ...(kinds.includes('info') ? { info: herder.connectorInfo(name) } : {}),
          },
        ],
      ];
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'connect.not_found') return [];
      throw error;
    }
  });
  return Object.fromEntries(entries);
}
