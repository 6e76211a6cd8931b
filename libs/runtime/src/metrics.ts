import type { MetricFamily, MetricSample } from '@millrace/foundation';
import type { ConnectorSupervisor } from './connectors/connector-supervisor.ts';
import type { TaskSupervisor } from './tasks/task-supervisor.ts';

type Labels = Readonly<Record<string, string>>;

const TASK_STATES = [
  'running',
  'paused',
  'failed',
  'unassigned',
  'destroyed',
  'restarting',
] as const;

/** Collects samples of one name into one family. */
class Families {
  readonly #families = new Map<
    string,
    { readonly family: MetricFamily; readonly samples: MetricSample[] }
  >();

  add(name: string, labels: Labels, value: number): void {
    const known = this.#families.get(name);
    if (known !== undefined) {
      known.samples.push({ labels, value });
      return;
    }
    const samples = [{ labels, value }];
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    this.#families.set(name, { family: { name, help: helpOf(name), type, samples }, samples });
  }

  list(): readonly MetricFamily[] {
    return [...this.#families.values()].map(({ family }) => family);
  }
}

function helpOf(name: string): string {
  return name.replace(/^kafka_connect_/, '').replaceAll('_', ' ');
}

/** Figures of a worker under the names that Kafka Connect's dashboards use. */
export function collectMetrics(
  connectors: readonly ConnectorSupervisor[],
  describe: (name: string) => { readonly type: string; readonly className: string },
): readonly MetricFamily[] {
  const families = new Families();
  addWorker(families, connectors);
  for (const connector of connectors) {
    const { type, className } = describe(connector.name);
    const labels = { connector: connector.name };
    families.add(
      'kafka_connect_connector_status',
      { ...labels, status: connector.state.toLowerCase() },
      1,
    );
    families.add('kafka_connect_connector_type', { ...labels, type }, 1);
    families.add('kafka_connect_connector_class', { ...labels, class: className }, 1);
    families.add(
      'kafka_connect_connector_version',
      { ...labels, version: connector.version ?? '' },
      1,
    );
    addTaskCounts(families, connector);
    for (const [id, task] of connector.tasks) addTask(families, connector.name, id, task);
  }
  return families.list();
}

function addWorker(families: Families, connectors: readonly ConnectorSupervisor[]): void {
  const sum = (of: (connector: ConnectorSupervisor) => number): number =>
    connectors.reduce((total, connector) => total + of(connector), 0);
  const startups = sum((connector) => connector.startups);
  const failures = sum((connector) => connector.startupFailures);
  const prefix = 'kafka_connect_worker_';
  families.add(`${prefix}connector_count`, {}, connectors.length);
  families.add(
    `${prefix}task_count`,
    {},
    sum((connector) => connector.tasks.length),
  );
  families.add(`${prefix}connector_startup_attempts_total`, {}, startups);
  families.add(`${prefix}connector_startup_failure_total`, {}, failures);
  families.add(`${prefix}connector_startup_success_total`, {}, Math.max(0, startups - failures));
  families.add('kafka_connect_worker_rebalance_rebalancing', {}, 0);
  families.add('kafka_connect_coordinator_assigned_connectors', {}, connectors.length);
  families.add(
    'kafka_connect_coordinator_assigned_tasks',
    {},
    sum((connector) => connector.tasks.length),
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

function addTask(families: Families, connector: string, id: number, task: TaskSupervisor): void {
  const labels = { connector, task: String(id) };
  families.add(
    'kafka_connect_connector_task_status',
    { ...labels, status: task.state.toLowerCase() },
    1,
  );
  families.add('millrace_task_restarts_total', labels, task.restarts);
  const figures = task.figures();
  if (figures === undefined) return;
  for (const [name, value] of Object.entries(figures.samples)) families.add(name, labels, value);
  for (const [name, value] of Object.entries(figures.own))
    families.add(`millrace_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`, labels, value);
  const { errors } = figures;
  const prefix = 'kafka_connect_task_error_';
  families.add(`${prefix}total_record_failures`, labels, errors.recordFailures);
  families.add(`${prefix}total_record_errors`, labels, errors.recordErrors);
  families.add(`${prefix}total_records_skipped`, labels, errors.recordsSkipped);
  families.add(`${prefix}total_retries`, labels, errors.retries);
  families.add(`${prefix}total_errors_logged`, labels, errors.errorsLogged);
  families.add(`${prefix}deadletterqueue_produce_requests`, labels, errors.deadLetterRequests);
  families.add(`${prefix}deadletterqueue_produce_failures`, labels, errors.deadLetterFailures);
  families.add(`${prefix}last_error_timestamp`, labels, errors.lastErrorMs);
}
