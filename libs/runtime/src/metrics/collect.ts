import type { MetricFamily } from '@millrace/foundation';
import type { ConnectorSupervisor } from '../connectors/connector-supervisor.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { ConnectorConfig } from '../herder.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { TaskSupervisor } from '../tasks/task-supervisor.ts';
import { addClasses, addTransforms } from './described.ts';
import { Families, type Labels } from './families.ts';

export interface MetricsSource {
  readonly connectors: readonly ConnectorSupervisor[];
  readonly workerId: string;
  readonly configOf: (connector: string) => ConnectorConfig;
  readonly worker: WorkerSettings;
  readonly registry: PluginRegistry;
}

const TASK_STATES = [
  'running',
  'paused',
  'failed',
  'unassigned',
  'destroyed',
  'restarting',
] as const;

/** INV-6: of the figures that a connector's task gives of itself. */
const OWN_FIGURES_MAX = 200;

/**
 * The figures of a worker under the names that the JMX exporter's usual rules give to Connect's MBeans:
 * `kafka_connect_<type, without "connect-" and "-metrics">_<attribute>`. Labels are names out of configurations,
 * numbers of tasks and words of fixed sets: there are no more series than there are tasks, times a constant.
 */
export function collectMetrics(source: MetricsSource): readonly MetricFamily[] {
  const families = new Families();
  addWorker(families, source);
  for (const connector of source.connectors) {
    const labels = { connector: connector.name };
    const config = source.configOf(connector.name);
    const classes = addClasses(families, labels, connector, config, source);
    addTaskCounts(families, connector);
    for (const [id, task] of connector.tasks) {
      const taskLabels = { connector: connector.name, task: String(id) };
      for (const [attribute, text] of classes)
        families.addText('kafka_connect_connector_task_', attribute, taskLabels, text);
      addTransforms(families, taskLabels, config, source.registry);
      addTask(families, taskLabels, task);
    }
  }
  return families.list();
}

function addWorker(families: Families, { connectors, workerId }: MetricsSource): void {
  const tasks = connectors.flatMap((connector) => connector.tasks.map(([, task]) => task));
  const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  const prefix = 'kafka_connect_worker_';
  families.addAll(
    prefix,
    {},
    {
      connector_count: connectors.length,
      task_count: tasks.length,
    },
  );
  const startups = (what: string, attempts: number, failures: number): void => {
    const successes = Math.max(0, attempts - failures);
    families.addAll(
      `${prefix}${what}_startup_`,
      {},
      {
        attempts_total: attempts,
        failure_total: failures,
        success_total: successes,
        failure_percentage: attempts === 0 ? 0 : failures / attempts,
        success_percentage: attempts === 0 ? 0 : successes / attempts,
      },
    );
  };
  startups(
    'connector',
    sum(connectors, (each) => each.startups),
    sum(connectors, (each) => each.startupFailures),
  );
  startups(
    'task',
    sum(tasks, (each) => each.starts),
    sum(tasks, (each) => each.failedStarts),
  );
  // A worker alone leads itself and never rebalances.
  const rebalance = `${prefix}rebalance_`;
  families.addText(rebalance, 'leader_name', {}, `http://${workerId}/`);
  families.addText(rebalance, 'connect_protocol', {}, 'none');
  families.addAll(
    rebalance,
    {},
    {
      rebalancing: 0,
      epoch: 0,
      completed_rebalances_total: 0,
      rebalance_avg_time_ms: NaN,
      rebalance_max_time_ms: NaN,
      time_since_last_rebalance_ms: Infinity,
    },
  );
  families.addAll(
    'kafka_connect_coordinator_',
    {},
    {
      assigned_connectors: connectors.length,
      assigned_tasks: tasks.length,
    },
  );
}

function addTaskCounts(families: Families, connector: ConnectorSupervisor): void {
  const labels = { connector: connector.name };
  const states = connector.tasks.map(([, task]) => task.state.toLowerCase());
  families.add('kafka_connect_worker_connector_total_task_count', labels, states.length);
  for (const state of TASK_STATES)
    families.add(
      `kafka_connect_worker_connector_${state}_task_count`,
      labels,
      states.filter((each) => each === state).length,
    );
}

function addTask(families: Families, labels: Labels, task: TaskSupervisor): void {
  families.addText('kafka_connect_connector_task_', 'status', labels, task.state.toLowerCase());
  families.add('millrace_task_restarts_total', labels, task.restarts);
  const figures = task.figures();
  if (figures === undefined) return;
  for (const { name, labels: own, value } of figures.samples)
    families.add(name, own === undefined ? labels : { ...labels, ...own }, value);
  for (const [name, value] of Object.entries(figures.own).slice(0, OWN_FIGURES_MAX))
    families.add(`millrace_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`, labels, value);
  const { errors } = figures;
  families.addAll('kafka_connect_task_error_', labels, {
    total_record_failures: errors.recordFailures,
    total_record_errors: errors.recordErrors,
    total_records_skipped: errors.recordsSkipped,
    total_retries: errors.retries,
    total_errors_logged: errors.errorsLogged,
    deadletterqueue_produce_requests: errors.deadLetterRequests,
    deadletterqueue_produce_failures: errors.deadLetterFailures,
    last_error_timestamp: errors.lastErrorMs,
  });
  for (const [kind, values] of figures.clients) {
    const clientLabels = {
      ...labels,
      clientId: `connector-${kind}-${labels['connector'] ?? ''}-${labels['task'] ?? ''}`,
    };
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'number')
        families.add(`kafka_${kind}_${snakeCase(name)}`, clientLabels, value);
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
