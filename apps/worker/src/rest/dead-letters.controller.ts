import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type {
  DeadLetterPage,
  DeadLetterView,
  ErrorDesk,
  Herder,
  ReplayStatus,
} from '@millrace/runtime';
import { noSuchPath } from '../errors.ts';
import { readLetterQuery, readReplayBody } from './dead-letter-requests.ts';
import type { BodyRequest } from './request-body.ts';
import { HERDER } from './tokens.ts';

/** Records that a connector set aside, and their replay. Ours beside Connect's API. */
@Controller('api/connectors/:name/dead-letters')
export class DeadLettersController {
  readonly #desk: ErrorDesk;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#desk = herder.errors;
  }

  @Get()
  list(
    @Param('name') name: string,
    @Query() query: Readonly<Record<string, unknown>>,
  ): Promise<DeadLetterPage> {
    return this.#desk.deadLetters(name, readLetterQuery(query));
  }

  @Post('replay')
  @HttpCode(202)
  replay(@Param('name') name: string, @Req() request: BodyRequest): Promise<ReplayStatus> {
    return this.#desk.replayDeadLetters(name, readReplayBody(request));
  }

  @Get('replay')
  replays(@Param('name') name: string): readonly ReplayStatus[] {
    return this.#desk.replays(name);
  }

  @Get('replay/:id')
  progress(@Param('name') name: string, @Param('id') id: string): ReplayStatus {
    return this.#desk.replay(name, id);
  }

  @Delete('replay/:id')
  cancel(@Param('name') name: string, @Param('id') id: string): Promise<ReplayStatus> {
    return this.#desk.cancelReplay(name, id);
  }

  @Get(':partition/:offset')
  show(
    @Param('name') name: string,
    @Param('partition') partition: string,
    @Param('offset') offset: string,
  ): Promise<DeadLetterView> {
    if (!/^\d{1,9}$/.test(partition) || !/^\d{1,15}$/.test(offset)) throw noSuchPath();
    return this.#desk.deadLetter(name, Number(partition), Number(offset));
  }
}
