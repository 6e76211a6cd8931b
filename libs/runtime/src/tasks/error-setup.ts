import { resolveConfig } from '@millrace/config';
import { errorFields } from '../config/error-fields.ts';
import { producerOptions } from '../config/client-overrides.ts';
import type { ErrorCounters } from '../errors/counters.ts';
import { DeadLetterQueue } from '../errors/dead-letter-queue.ts';
import { RecordErrors } from '../errors/record-errors.ts';
import { ToleranceWindow } from '../errors/tolerance-window.ts';
import type { TaskEnvironment } from './task-runner.ts';

const REPLICAS = 'errors.deadletterqueue.topic.replication.factor';

export interface ErrorHandling {
  readonly errors: RecordErrors;
  readonly deadLetters: DeadLetterQueue | undefined;
}

/** The error strategy that a connector's configuration asks for, with its dead letter topic made if absent. */
export async function openErrorHandling(
  environment: TaskEnvironment,
  counters: ErrorCounters,
): Promise<ErrorHandling> {
  const { config, clock, random, log, connector, task, worker, client, redact } = environment;
  const fields = resolveConfig(errorFields, config, 'connector configuration');
  const topic = fields['errors.deadletterqueue.topic.name'];
  const isTolerant = fields['errors.tolerance'] === 'all';
  const deadLetters =
    topic === '' || !isTolerant
      ? undefined
      : await DeadLetterQueue.open(
          {
            client,
            producer: producerOptions(worker, config),
            topic,
            replicationFactor:
              worker.isLogEmbedded && config[REPLICAS] === undefined ? 1 : fields[REPLICAS],
            hasContextHeaders: fields['errors.deadletterqueue.context.headers.enable'],
            connector,
            task,
            counters,
            redact,
          },
          log,
        );
  const errors = new RecordErrors({
    settings: {
      retryTimeoutMs: fields['errors.retry.timeout'],
      retryDelayMaxMs: fields['errors.retry.delay.max.ms'],
      isTolerant,
      isLogged: fields['errors.log.enable'],
      areCoordinatesLogged: fields['errors.log.include.messages'],
    },
    counters,
    deadLetters,
    tolerance: new ToleranceWindow(clock, {
      ratioMax: fields['errors.tolerance.max.ratio'],
      windowMs: fields['errors.tolerance.window.ms'],
      recordsMin: fields['errors.tolerance.window.records.min'],
    }),
    onFailure: ({ stage, className, error, letter }, outcome) =>
      environment.onError({ stage, className, error, task, where: letter, outcome }),
    taskName: `${connector}-${task}`,
    clock,
    random,
    log,
  });
  return { errors, deadLetters };
}
