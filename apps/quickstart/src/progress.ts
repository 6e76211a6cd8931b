import { DATABASE_SINK, FILE_SINK, SOURCE } from './connectors.ts';
import type { ConnectorStatus, MillraceServer } from '@millrace/test-servers';

export interface Progress {
  readonly captured: number;
  readonly databaseRecords: number;
  readonly fileRecords: number;
  readonly lagMs: number | undefined;
  readonly errors: number;
  readonly states: ReadonlyMap<string, string>;
  /** Why tasks have failed, one line each. */
  readonly failures: readonly string[];
}

/** What the worker's REST API and metrics say now. */
export async function readProgress(worker: MillraceServer): Promise<Progress> {
  const samples = await worker.metrics();
  const connectors = await worker.getJson<Record<string, { readonly status: ConnectorStatus }>>(
    '/connectors?expand=status',
  );
  const statuses = Object.entries(connectors).map(([name, { status }]) => ({ name, status }));
  const total = (metric: string, connector: string): number =>
    samples
      .filter((sample) => sample.name === metric && sample.connector === connector)
      .reduce((sum, { value }) => sum + value, 0);
  return {
    captured: total('kafka_connect_source_task_source_record_write_total', SOURCE),
    databaseRecords: total('kafka_connect_sink_task_sink_record_send_total', DATABASE_SINK),
    fileRecords: total('kafka_connect_sink_task_sink_record_send_total', FILE_SINK),
    lagMs: samples.find(({ name }) => name.endsWith('source_lag_ms'))?.value,
    errors: samples
      .filter(({ name }) => name === 'kafka_connect_task_error_total_record_failures')
      .reduce((sum, { value }) => sum + value, 0),
    states: new Map(statuses.map(({ name, status }) => [name, worstState(status)])),
    failures: statuses.flatMap(({ name, status }) => tracesOf(name, status)),
  };
}

function worstState(status: ConnectorStatus): string {
  const states = [status.connector.state, ...status.tasks.map((task) => task.state)];
  return states.find((state) => state === 'FAILED') ?? states.at(-1) ?? 'UNASSIGNED';
}

function tracesOf(name: string, status: ConnectorStatus): readonly string[] {
  return [status.connector, ...status.tasks]
    .filter((each) => each.state === 'FAILED')
    .map((each) => `${name}: ${each.trace ?? 'no trace'}`);
}
