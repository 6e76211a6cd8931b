import type { ConfigProblem, FieldType, Importance, Width } from '@millrace/config';
import type { MetricFamily } from '@millrace/foundation';
import type { ErrorDesk } from './error-desk.ts';
import type { RestartOutlook } from './tasks/task-supervisor.ts';
import type { PluginReport } from './plugins/installed-plugin.ts';

/**
 * What Kafka Connect's REST API asks of a worker. Shapes are those of Connect's JSON bodies.
 * Refusals are `MillraceError`s whose codes the REST layer maps to statuses: `connect.not_found` (404),
 * `connect.already_exists` and `connect.conflict` (409), `connect.bad_request` (400); anything else is a 500.
 * Their messages are Connect's own, since clients match them.
 */
export interface Herder {
  connectors(): readonly string[];
  connectorInfo(name: string): ConnectorInfo;
  connectorStatus(name: string): ConnectorStatus;
  taskStatus(name: string, task: number): TaskStatus;
  /** As stored: placeholders not replaced, passwords as given. */
  connectorConfig(name: string): ConnectorConfig;
  taskConfigs(name: string): readonly TaskConfig[];
  /** Names of the topics that the connector has used (KIP-558). */
  connectorTopics(name: string): readonly string[];
  resetConnectorTopics(name: string): Promise<void>;

  createConnector(request: CreateConnector): Promise<ConnectorInfo>;
  /** Creates or replaces. */
  putConnectorConfig(
    name: string,
    config: RawConnectorConfig,
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }>;
  /** A null value removes its key (KIP-477). */
  patchConnectorConfig(name: string, patch: RawConnectorConfig): Promise<ConnectorInfo>;
  deleteConnector(name: string): Promise<void>;

  pauseConnector(name: string): Promise<void>;
  resumeConnector(name: string): Promise<void>;
  /** Tasks end, their configurations are dropped; configuration and offsets stay (KIP-875). */
  stopConnector(name: string): Promise<void>;
  /** The restart plan as a status with `RESTARTING`, or undefined when only the connector instance restarts (KIP-745). */
  restartConnector(
    name: string,
    options: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStatus | undefined>;
  restartTask(name: string, task: number): Promise<void>;

  connectorOffsets(name: string): Promise<ConnectorOffsets>;
  alterConnectorOffsets(
    name: string,
    offsets: ConnectorOffsets,
  ): Promise<{ readonly message: string }>;
  resetConnectorOffsets(name: string): Promise<{ readonly message: string }>;

  plugins(connectorsOnly: boolean): readonly PluginInfo[];
  pluginConfig(name: string, version?: string): readonly ConfigKeyInfo[];
  /** Every plugin with its package, and what is wrong with packages that were found. */
  installedPlugins(): PluginReport;
  validateConfig(pluginName: string, config: RawConnectorConfig): Promise<ConfigInfos>;

  /** Tells all workers of the group of a log level, by the topic of the configurations (KIP-976). */
  announceLoggerLevel(namespace: string, level: string): Promise<void>;

  /** What failed, by kind, and the records that were set aside; ours beside Connect's API. */
  readonly errors: ErrorDesk;

  clusterId(): string;
  health(): { readonly state: 'starting' | 'healthy' | 'unhealthy'; readonly message: string };
  metrics(): readonly MetricFamily[];
}

export type ConnectorConfig = Readonly<Record<string, string>>;
export type RawConnectorConfig = Readonly<Record<string, string | null>>;
export type ConnectorType = 'source' | 'sink' | 'unknown';
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';
export type ConnectorState =
  'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING';
export type TaskState = Exclude<ConnectorState, 'STOPPED'>;

export interface CreateConnector {
  readonly name: string;
  readonly config: RawConnectorConfig;
  readonly initialState: TargetState;
}

export interface TaskId {
  readonly connector: string;
  readonly task: number;
}

export interface ConnectorInfo {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly tasks: readonly TaskId[];
  readonly type: ConnectorType;
}

export interface ConnectorStatus {
  readonly name: string;
  readonly connector: {
    readonly state: ConnectorState;
    readonly worker_id: string;
    readonly trace?: string;
    readonly version?: string;
  };
  readonly tasks: readonly TaskStatus[];
  readonly type: ConnectorType;
}

export interface TaskStatus {
  readonly id: number;
  readonly state: TaskState;
  readonly worker_id: string;
  readonly trace?: string;
  readonly version?: string;
  /** Ours: whether and when the task restarts by itself; absent while there is nothing to tell. */
  readonly restart?: RestartOutlook;
}

export interface TaskConfig {
  readonly id: TaskId;
  readonly config: ConnectorConfig;
}

export interface ConnectorOffsets {
  readonly offsets: readonly {
    readonly partition: Readonly<Record<string, unknown>>;
    readonly offset: Readonly<Record<string, unknown>> | null;
  }[];
}

export interface PluginInfo {
  readonly class: string;
  readonly type:
    'sink' | 'source' | 'transformation' | 'predicate' | 'converter' | 'header_converter';
  readonly version?: string;
}

export interface ConfigKeyInfo {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: Importance;
  readonly documentation: string;
  readonly group: string | null;
  /** The key up to 4.1; both are sent, since clients read either. */
  readonly order: number;
  readonly order_in_group: number;
  readonly width: Width;
  readonly display_name: string;
  readonly dependents: readonly string[];
}

export interface ConfigValueInfo {
  readonly name: string;
  readonly value: string | null;
  readonly recommended_values: readonly string[];
  readonly errors: readonly string[];
  readonly visible: boolean;
}

export interface ConfigInfos {
  readonly name: string;
  readonly error_count: number;
  readonly groups: readonly string[];
  readonly configs: readonly {
    readonly definition: ConfigKeyInfo | null;
    readonly value: ConfigValueInfo;
  }[];
}

export type { ConfigProblem };
