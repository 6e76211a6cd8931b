import type { MillraceError } from '@millrace/foundation';
import { connectorFailed } from '../errors.ts';
import type { Config } from './connector-configs.ts';

/** The worker that runs the connectors of a migration, by Kafka Connect's REST API. */
export interface RestApi {
  /** Whatever JSON it answers, or the text of other answers. @throws MillraceError when it refuses */
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

export interface Failure {
  readonly error: MillraceError;
  /** A server is away, or something else that passes: the runtime tries again. */
  readonly restartsItself: boolean;
}

/** How a trace of the runtime ends when nobody need do anything. */
const RESTARTS = /\[restarts by itself in \d+ s/;

interface Status {
  readonly connector: { readonly state: string; readonly trace?: string };
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}

export class ConnectRest {
  readonly #rest: RestApi;

  constructor(rest: RestApi) {
    this.#rest = rest;
  }

  async names(): Promise<readonly string[]> {
    return this.#rest.ask<readonly string[]>('GET', '/connectors');
  }

  async put(name: string, config: Config): Promise<void> {
    await this.#rest.ask('PUT', `/connectors/${name}/config`, config);
  }

  /** Its tasks have ended and committed when this returns, or soon after. */
  async stop(name: string): Promise<void> {
    await this.#rest.ask('PUT', `/connectors/${name}/stop`);
  }

  /** Those of its tasks that failed, and the connector if it did. */
  async restart(name: string): Promise<void> {
    await this.#rest.ask('POST', `/connectors/${name}/restart?includeTasks=true&onlyFailed=true`);
  }

  async remove(name: string): Promise<void> {
    await this.#rest.ask('DELETE', `/connectors/${name}`);
  }

  /** What it failed with, if it did. */
  async failure(name: string): Promise<Failure | undefined> {
    const { connector, tasks } = await this.#rest.ask<Status>('GET', `/connectors/${name}/status`);
    const failed = [connector, ...tasks].find(({ state }) => state === 'FAILED');
    if (failed === undefined) return undefined;
    const trace = failed.trace ?? 'no trace';
    return {
      error: connectorFailed(name, trace),
      restartsItself: RESTARTS.test(trace),
    };
  }

  async isStopped(name: string): Promise<boolean> {
    const { connector, tasks } = await this.#rest.ask<Status>('GET', `/connectors/${name}/status`);
    return connector.state === 'STOPPED' && tasks.length === 0;
  }

  /** The stored offset of a source; undefined before the first. */
  async sourceOffset(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { offsets } = await this.#rest.ask<{
      readonly offsets: readonly { readonly offset: Readonly<Record<string, unknown>> | null }[];
    }>('GET', `/connectors/${name}/offsets`);
    return offsets[0]?.offset ?? undefined;
  }

  async metrics(): Promise<readonly Metric[]> {
    const answer = await this.#rest.ask('GET', '/metrics');
    return typeof answer === 'string' ? answer.split('\n').flatMap(metricOf) : [];
  }

  async logAddress(): Promise<string> {
    const about = await this.#rest.ask<{ readonly bootstrap_servers: string }>(
      'GET',
      '/api/worker',
    );
    return about.bootstrap_servers;
  }
}

export interface Metric {
  readonly name: string;
  readonly connector: string | undefined;
  readonly value: number;
}

function metricOf(line: string): readonly Metric[] {
  const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) return [];
  return [
    {
      name: match[1] ?? '',
      connector: /connector="([^"]*)"/.exec(match[2] ?? '')?.[1],
      value: Number(match[3]),
    },
  ];
}
