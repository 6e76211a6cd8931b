import { resolveConfig } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { connectorRedactor } from '../config/connector-redactor.ts';
import { errorFields } from '../config/error-fields.ts';
import { isolationOf } from '../config/isolation-fields.ts';
import { noTaskThreads } from '../errors.ts';
import type { ErrorGroups } from '../errors/error-groups.ts';
import { redactingLogger } from '../errors/redacting-logger.ts';
import { isCountedAsRecord, taskFailureSighting } from '../errors/task-failure.ts';
import type { ConnectorConfig, TaskState } from '../herder.ts';
import { ThreadRunner } from '../isolation/thread-runner.ts';
import type { ConnectorPlugin } from '../plugins/plugin-registry.ts';
import { runnerOf } from '../tasks/runner-of.ts';
import type { TaskEnvironment, TaskRunner } from '../tasks/task-runner.ts';
import { TaskSupervisor } from '../tasks/task-supervisor.ts';
import type { ConnectorPorts } from './connector-ports.ts';

/** A configured connector: what its tasks are made from. */
export interface Configured {
  readonly plugin: ConnectorPlugin;
  readonly stored: ConnectorConfig;
  readonly resolved: ComponentConfig;
  readonly taskConfigs: readonly ComponentConfig[];
  /** When what placeholders stand for is to be asked for again. */
  readonly ttlMs: number | undefined;
}

export interface OpenTaskOptions {
  readonly connector: string;
  readonly task: number;
  readonly configured: Configured;
  readonly isPaused: boolean;
  /** Of the connector. */
  readonly errors: ErrorGroups;
  readonly ports: ConnectorPorts;
}

/** A task of a configured connector, not started yet: its secrets known, its offsets at hand. */
export async function openTask(options: OpenTaskOptions): Promise<TaskSupervisor> {
  const { connector, task, configured, isPaused, errors, ports } = options;
  const { clock, random, statuses, worker, registry, client, tracer, connections } = ports;
  const { plugin, resolved, stored } = configured;
  const { config: taskConfig } = await ports.resolve(configured.taskConfigs[task] ?? {});
  const redact = connectorRedactor({ plugin, resolved, stored, taskConfig }, { registry, worker });
  const log = redactingLogger(ports.log, redact).child({ connector, task });
  const offsets = await ports.offsets.of(resolved['offsets.storage.topic']);
  const fields = resolveConfig(errorFields, resolved, 'connector configuration');
  errors.groupsMax = fields['errors.groups.max'];
  const attempts = fields['task.restart.attempts.max'];
  const { version } = plugin;
  return new TaskSupervisor({
    makeRunner: (onState) =>
      isolatedRunner(configured, ports, {
        connector,
        task,
        config: resolved,
        taskConfig,
        offsets,
        worker,
        registry,
        client,
        workersClient: client,
        connections,
        clock,
        random,
        log,
        redact,
        onState,
        ...(tracer === undefined ? {} : { tracer }),
        onError: (sighting) => errors.add(sighting, redact),
        onTopic: (topic) => {
          if (worker.fields['topic.tracking.enable'])
            statuses.addTopic(connector, task, topic, clock.nowMs());
        },
      }),
    restarts: {
      attemptsMax: attempts < 0 ? Infinity : attempts,
      unknownAttemptsMax: fields['task.restart.unknown.attempts.max'],
      delayMaxMs: fields['task.restart.delay.max.ms'],
    },
    graceMs: worker.fields['task.shutdown.graceful.timeout.ms'],
    isPaused,
    clock,
    random,
    log,
    redact,
    onFailure: (error) => {
      if (!isCountedAsRecord(error)) errors.add(taskFailureSighting(error, task), redact);
    },
    onStatus: (state: TaskState, trace) =>
      statuses.putTask(connector, task, { state, trace: trace ?? null, version }),
  });
}

function isolatedRunner(
  { plugin, stored }: Configured,
  { threads }: ConnectorPorts,
  environment: TaskEnvironment,
): TaskRunner {
  const isolation = isolationOf(environment.config, environment.worker.fields);
  if (!isolation.isThread) return runnerOf(plugin, environment);
  if (threads === undefined) throw noTaskThreads();
  return new ThreadRunner({ threads, isolation, environment, template: stored });
}
