import { MillraceError } from '@millrace/foundation';
import type {
  ConfigInfos,
  ConnectorConfig,
  ConnectorInfo,
  ConnectorOffsets,
  ConnectorState,
  ConnectorStatus,
  CreateConnector,
  Herder,
  RawConnectorConfig,
  ReplayStatus,
} from '@millrace/runtime';

interface Entry {
  config: ConnectorConfig;
  state: ConnectorState;
  topics: string[];
  offsets: ConnectorOffsets;
}

const KEY_INFO = {
  name: 'file',
  type: 'STRING',
  required: true,
  default_value: null,
  importance: 'HIGH',
  documentation: 'The file.',
  group: null,
  order: -1,
  order_in_group: -1,
  width: 'NONE',
  display_name: 'file',
  dependents: [],
} as const;

/** A herder in memory that answers as Connect's would; every connector has one task. */
export class FakeHerder implements Herder {
  readonly entries = new Map<string, Entry>();
  /** Awaited by `createConnector`, so that a test can hold a request. */
  gate: Promise<void> = Promise.resolve();
  nextError: Error | undefined;
  state: ReturnType<Herder['health']> = { state: 'healthy', message: 'ready' };
  readonly restarted: string[] = [];

  /** What the last call to the dead letters asked for. */
  asked: unknown;
  readonly errors: Herder['errors'] = {
    errorsOf: (name) => {
      this.#entry(name);
      return { name, since: '1970-01-01T00:00:00.000Z', groups: [], forgotten: 0 };
    },
    clearErrors: (name) => {
      this.#entry(name);
    },
    deadLetters: (name, query) => {
      this.#entry(name);
      this.asked = query;
      return Promise.resolve({ connector: name, topic: 'dead', letters: [], next: null });
    },
    deadLetter: (name, partition, offset) => {
      this.#entry(name);
      return Promise.reject(refusal('connect.not_found', `nothing at ${partition}:${offset}`));
    },
    replayDeadLetters: (name, request) => {
      this.asked = request;
      return Promise.resolve(replayOf(name));
    },
    replays: (name) => [replayOf(name)],
    replay: replayOf,
    cancelReplay: (name) => Promise.resolve(replayOf(name)),
  };

  connectors(): readonly string[] {
    this.#throwNext();
    return [...this.entries.keys()];
  }

  connectorInfo(name: string): ConnectorInfo {
    const { config } = this.#entry(name);
    return { name, config, tasks: [{ connector: name, task: 0 }], type: 'sink' };
  }

  connectorStatus(name: string): ConnectorStatus {
    const entry = this.entries.get(name);
    if (entry === undefined) throw notFound(`No status found for connector ${name}`);
    return {
      name,
      connector: { state: entry.state, worker_id: '127.0.0.1:8083' },
      tasks: [{ id: 0, state: 'RUNNING', worker_id: '127.0.0.1:8083' }],
      type: 'sink',
    };
  }

  taskStatus(name: string, task: number): ConnectorStatus['tasks'][number] {
    const found = this.connectorStatus(name).tasks.find(({ id }) => id === task);
    if (found === undefined) throw notFound(`No status found for task ${name}-${task}`);
    return found;
  }

  connectorConfig(name: string): ConnectorConfig {
    return this.#entry(name).config;
  }

  taskConfigs(name: string): ReturnType<Herder['taskConfigs']> {
    return [{ id: { connector: name, task: 0 }, config: this.#entry(name).config }];
  }

  connectorTopics(name: string): readonly string[] {
    this.#throwNext();
    return this.entries.get(name)?.topics ?? [];
  }

  resetConnectorTopics(name: string): Promise<void> {
    this.entries.get(name)?.topics.splice(0);
    return Promise.resolve();
  }

  readonly loggerLevels: (readonly [string, string])[] = [];

  announceLoggerLevel(namespace: string, level: string): Promise<void> {
    this.loggerLevels.push([namespace, level]);
    return Promise.resolve();
  }

  async createConnector(request: CreateConnector): Promise<ConnectorInfo> {
    await this.gate;
    this.#throwNext();
    const { name } = request;
    if (this.entries.has(name))
      throw refusal('connect.already_exists', `Connector ${name} already exists`);
    this.#set(
      name,
      request.config,
      request.initialState === 'STARTED' ? 'RUNNING' : request.initialState,
    );
    return { ...this.connectorInfo(name), tasks: [] };
  }

  putConnectorConfig(
    name: string,
    config: RawConnectorConfig,
  ): Promise<{ created: boolean; info: ConnectorInfo }> {
    const created = !this.entries.has(name);
    this.#set(name, config, 'RUNNING');
    return Promise.resolve({ created, info: this.connectorInfo(name) });
  }

  patchConnectorConfig(name: string, patch: RawConnectorConfig): Promise<ConnectorInfo> {
    const merged = { ...this.#entry(name).config, ...patch };
    this.#set(
      name,
      Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)),
      'RUNNING',
    );
    return Promise.resolve(this.connectorInfo(name));
  }

  deleteConnector(name: string): Promise<void> {
    this.#entry(name);
    this.entries.delete(name);
    return Promise.resolve();
  }

  pauseConnector(name: string): Promise<void> {
    return this.#move(name, 'PAUSED');
  }

  resumeConnector(name: string): Promise<void> {
    return this.#move(name, 'RUNNING');
  }

  stopConnector(name: string): Promise<void> {
    return this.#move(name, 'STOPPED');
  }

  restartConnector(
    name: string,
    { includeTasks, onlyFailed }: { includeTasks: boolean; onlyFailed: boolean },
  ): Promise<ConnectorStatus | undefined> {
    this.#entry(name);
    this.restarted.push(`${name} ${includeTasks} ${onlyFailed}`);
    if (!includeTasks && !onlyFailed) return Promise.resolve(undefined);
    const status = this.connectorStatus(name);
    return Promise.resolve({ ...status, connector: { ...status.connector, state: 'RESTARTING' } });
  }

  restartTask(name: string, task: number): Promise<void> {
    this.#entry(name);
    if (task !== 0) throw notFound(`Unknown task: ${name}-${task}`);
    this.restarted.push(`${name}-${task}`);
    return Promise.resolve();
  }

  connectorOffsets(name: string): Promise<ConnectorOffsets> {
    return Promise.resolve(this.#entry(name).offsets);
  }

  alterConnectorOffsets(name: string, offsets: ConnectorOffsets): Promise<{ message: string }> {
    this.#entry(name).offsets = offsets;
    return Promise.resolve({
      message: 'The offsets for this connector have been altered successfully',
    });
  }

  resetConnectorOffsets(name: string): Promise<{ message: string }> {
    this.#entry(name).offsets = { offsets: [] };
    return Promise.resolve({
      message: 'The offsets for this connector have been reset successfully',
    });
  }

  installedPlugins(): ReturnType<Herder['installedPlugins']> {
    return { plugins: [], problems: [] };
  }

  plugins(connectorsOnly: boolean): ReturnType<Herder['plugins']> {
    const sink = { class: 'org.example.FileSinkConnector', type: 'sink', version: '1' } as const;
    const converter = { class: 'org.example.JsonConverter', type: 'converter' } as const;
    return connectorsOnly ? [sink] : [sink, converter];
  }

  pluginConfig(name: string): ReturnType<Herder['pluginConfig']> {
    if (name !== 'FileSink') throw notFound(`Unknown plugin ${name}.`);
    return [KEY_INFO];
  }

  validateConfig(pluginName: string, config: RawConnectorConfig): Promise<ConfigInfos> {
    return Promise.resolve({
      name: pluginName,
      error_count: 0,
      groups: [],
      configs: Object.entries(config).map(([name, value]) => ({
        definition: null,
        value: { name, value, recommended_values: [], errors: [], visible: true },
      })),
    });
  }

  clusterId(): string {
    return 'AAAAAAAAQACAAAAAAAAAAA';
  }

  health(): ReturnType<Herder['health']> {
    return this.state;
  }

  metrics(): ReturnType<Herder['metrics']> {
    return [];
  }

  #set(name: string, config: RawConnectorConfig, state: ConnectorState): void {
    const texts = Object.entries(config).map(([key, value]): [string, string] => {
      if (value === null)
        throw refusal(
          'connect.bad_request',
          `Null value can not be supplied as the configuration value: ${key}`,
        );
      return [key, value];
    });
    this.entries.set(name, {
      config: Object.fromEntries(texts),
      state,
      topics: ['orders'],
      offsets: { offsets: [] },
    });
  }

  #move(name: string, state: ConnectorState): Promise<void> {
    const entry = this.entries.get(name);
    if (entry === undefined) throw notFound(`Unknown connector ${name}`);
    entry.state = state;
    return Promise.resolve();
  }

  #entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw notFound(`Connector ${name} not found`);
    return entry;
  }

  #throwNext(): void {
    const error = this.nextError;
    this.nextError = undefined;
    if (error !== undefined) throw error;
  }
}

export function refusal(code: string, message: string, hint?: string): MillraceError {
  return new MillraceError({
    code,
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

function notFound(message: string): MillraceError {
  return refusal('connect.not_found', message);
}

function replayOf(connector: string): ReplayStatus {
  return {
    id: 'r1',
    connector,
    topic: 'dead',
    state: 'completed',
    dry_run: false,
    selection: {},
    started_at: '1970-01-01T00:00:00.000Z',
    ended_at: '1970-01-01T00:00:01.000Z',
    scanned: 2,
    delivered: 2,
    dropped: 0,
    failed: 0,
    skipped: { replayed: 0, not_replayable: 0 },
    progress: [],
    problems: [],
    previews: [],
    error: null,
    remedy: null,
  };
}
