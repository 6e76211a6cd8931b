import type { OwnClient } from '../clients/own-clients.ts';
import type { TaskFigures, TaskRunner } from './task-runner.ts';

/** A task with connections of its own, which end with it. */
export class ConnectedRunner implements TaskRunner {
  readonly #runner: TaskRunner;
  readonly #client: OwnClient;
  readonly owned?: NonNullable<TaskRunner['owned']>;
  readonly owns?: NonNullable<TaskRunner['owns']>;
  readonly replay?: NonNullable<TaskRunner['replay']>;

  constructor(runner: TaskRunner, client: OwnClient) {
    this.#runner = runner;
    this.#client = client;
    // Only sinks have these.
    if (runner.owned !== undefined) this.owned = runner.owned.bind(runner);
    if (runner.owns !== undefined) this.owns = runner.owns.bind(runner);
    if (runner.replay !== undefined) this.replay = runner.replay.bind(runner);
  }

  async run(): Promise<void> {
    try {
      await this.#runner.run();
    } finally {
      await this.#client[Symbol.asyncDispose]();
    }
  }

  setPaused(isPaused: boolean): void {
    this.#runner.setPaused(isPaused);
  }

  forgetTopics(): void {
    this.#runner.forgetTopics();
  }

  requestStop(): void {
    this.#runner.requestStop();
  }

  /** INV-9: without its connections it can't write any more either. */
  abandon(): void {
    this.#runner.abandon();
    void this.#client[Symbol.asyncDispose]();
  }

  figures(): TaskFigures {
    return this.#runner.figures();
  }
}
