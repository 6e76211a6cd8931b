import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Herder, TaskConfig, TaskStatus } from '@millrace/runtime';
import { noSuchPath } from '../errors.ts';
import { HERDER } from './tokens.ts';

@Controller('connectors/:name/tasks')
export class TasksController {
  readonly #herder: Herder;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#herder = herder;
  }

  @Get()
  list(@Param('name') name: string): readonly TaskConfig[] {
    return this.#herder.taskConfigs(name);
  }

  @Get(':task/status')
  status(@Param('name') name: string, @Param('task') task: string): TaskStatus {
    return this.#herder.taskStatus(name, taskNumber(task));
  }

  @Post(':task/restart')
  @HttpCode(204)
  restart(@Param('name') name: string, @Param('task') task: string): Promise<void> {
    return this.#herder.restartTask(name, taskNumber(task));
  }
}

function taskNumber(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw noSuchPath();
  return Number(text);
}
