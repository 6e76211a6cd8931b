import type { ConnectorPlugin } from '../plugins/plugin-registry.ts';
import { newErrorCounters } from '../errors/counters.ts';
import { openOwnClients } from '../clients/own-clients.ts';
import { ConnectedRunner } from './connected-runner.ts';
import { SinkRunner } from './sink-runner.ts';
import { SourceRunner } from './source-runner.ts';
import type { TaskEnvironment, TaskFigures, TaskRunner } from './task-runner.ts';

/** The runner of a task in the event loop of its caller. */
export function runnerOf(plugin: ConnectorPlugin, environment: TaskEnvironment): TaskRunner {
  const own = openOwnClients(environment.config, environment);
  if (own === undefined) return plainRunnerOf(plugin, environment);
  return new ConnectedRunner(plainRunnerOf(plugin, { ...environment, client: own }), own);
}

function plainRunnerOf(plugin: ConnectorPlugin, environment: TaskEnvironment): TaskRunner {
  return plugin.kind === 'source'
    ? new SourceRunner(plugin, environment)
    : new SinkRunner(plugin, environment);
}

/** Of a task that has not begun. */
export function noFigures(): TaskFigures {
  return { errors: newErrorCounters(), samples: [], own: {}, clients: [] };
}
