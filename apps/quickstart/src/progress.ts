import { DATABASE_SINK, FILE_SINK, SOURCE } from './connectors.ts';
import type { WorkerProcess } from './worker-process.ts';

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

interface Status {
  readonly connector: { readonly state: string; readonly trace?: string };
  readonly tasks: readonly {
    readonly id: number;
    readonly state: string;
    readonly trace?: string;
  }[];
}

/** What the worker's REST API and metrics say now. */
export async function readProgress(worker: WorkerProcess): Promise<Progress> {
  const samples = parseMetrics(await worker.metrics());
  const connectors = await worker.getJson<Record<string, { readonly status: Status }>>(
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

function worstState(status: Status): string {
  const states = [status.connector.state, ...status.tasks.map((task) => task.state)];
  return states.find((state) => state === 'FAILED') ?? states.at(-1) ?? 'UNASSIGNED';
}

function tracesOf(name: string, status: Status): readonly string[] {
  return [status.connector, ...status.tasks]
    .filter((each) => each.state === 'FAILED')
    .map((each) => `${name}: ${each.trace ?? 'no trace'}`);
}

interface Sample {
  readonly name: string;
  readonly connector: string | undefined;
  readonly value: number;
}

function parseMetrics(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const name = /^[\w:]+/.exec(line)?.[0] ?? '';
      const connector = /connector="([^"]*)"/.exec(line)?.[1];
      return { name, connector, value: Number(line.slice(line.lastIndexOf(' ') + 1)) };
    });
}
