import { javaTrim } from '@millrace/config';
import type { MetricFamily } from '@millrace/foundation';
import { withClients } from './clients/own-clients.ts';
import { describePlugin } from './config/config-infos.ts';
import { ConfigJudge } from './config/config-judge.ts';
import { ConnectorErrorDesk } from './connectors/connector-error-desk.ts';
import type { ConnectorPorts } from './connectors/connector-ports.ts';
import { ConnectorSupervisor } from './connectors/connector-supervisor.ts';
import { sinkOffsets, sourceOffsets } from './connectors/connector-offsets.ts';
import {
  alterOffsets,
  offsetsOf,
  refuseEmpty,
  resetOffsets,
} from './connectors/offset-alteration.ts';
import { alreadyExists, badRequest, forbidden, notFound, workerClosed } from './errors.ts';
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorConfig,
  ConnectorInfo,
  ConnectorOffsets,
  ConnectorStatus,
  ConnectorType,
  CreateConnector,
  Herder,
  PluginInfo,
  RawConnectorConfig,
  TargetState,
  TaskConfig,
  TaskStatus,
} from './herder.ts';
import { collectMetrics } from './metrics/collect.ts';
import type { PluginReport } from './plugins/installed-plugin.ts';
import type { ConnectorPlugin } from './plugins/plugin-registry.ts';
import type { StoredConnector } from './stores/config-store.ts';

export interface HerdingOptions {
  readonly ports: ConnectorPorts;
  readonly workerId: string;
  readonly clusterId: string;
  /** Lets go of what was opened for the worker. */
  readonly release: () => Promise<void>;
}

/** A worker that runs every connector itself. Reads answer from memory; changes are durable before they are answered. */
export class Worker implements Herder, AsyncDisposable {
  readonly #ports: ConnectorPorts;
  readonly #options: HerdingOptions;
  readonly #supervisors = new Map<string, ConnectorSupervisor>();
  /** Deleted, and still stopping. */
  readonly #leaving = new Map<string, ConnectorSupervisor>();
  /** The last change of each name that is being changed now. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #isClosed = false;
  readonly errors: ConnectorErrorDesk;
  readonly #judge: ConfigJudge;

  constructor(options: HerdingOptions) {
    this.#options = options;
    this.#ports = options.ports;
    this.#judge = new ConfigJudge(this.#ports);
    this.errors = new ConnectorErrorDesk(this.#ports, (name) => this.#supervisors.get(name));
    for (const name of this.#ports.configs.names()) this.#supervise(name);
  }

  connectors(): readonly string[] {
    return this.#ports.configs.names();
  }

  connectorInfo(name: string): ConnectorInfo {
    const { config, taskConfigs } = this.#stored(name);
    return {
      name,
      config,
      tasks: taskConfigs.map((_, task) => ({ connector: name, task })),
      type: this.#typeOf(config),
    };
  }

  connectorStatus(name: string): ConnectorStatus {
    const supervisor = this.#supervisors.get(name);
    const stored = this.#ports.configs.find(name);
    if (supervisor === undefined || stored === undefined)
      throw notFound(`No status found for connector ${name}`);
    return {
      name,
      connector: {
        state: supervisor.state,
        worker_id: this.#options.workerId,
        ...present('trace', supervisor.trace),
        ...present('version', supervisor.version),
      },
      tasks: supervisor.tasks.map(([id]) => this.#taskStatus(supervisor, id)),
      type: this.#typeOf(stored.config),
    };
  }

  taskStatus(name: string, task: number): TaskStatus {
    const supervisor = this.#supervisors.get(name);
    if (supervisor === undefined || !supervisor.tasks.some(([id]) => id === task))
      throw notFound(`No status found for task ${name}-${task}`);
    return this.#taskStatus(supervisor, task);
  }

  connectorConfig(name: string): ConnectorConfig {
    return this.#stored(name).config;
  }

  taskConfigs(name: string): readonly TaskConfig[] {
    return this.#stored(name).taskConfigs.map((config, task) => ({
      id: { connector: name, task },
      config,
    }));
  }

  connectorTopics(name: string): readonly string[] {
    if (!this.#ports.worker.fields['topic.tracking.enable'])
      throw forbidden('Topic tracking is disabled.');
    return this.#ports.statuses.topicsOf(name);
  }

  resetConnectorTopics(name: string): Promise<void> {
    const { fields } = this.#ports.worker;
    if (!fields['topic.tracking.enable']) throw forbidden('Topic tracking is disabled.');
    if (!fields['topic.tracking.allow.reset']) throw forbidden('Topic tracking reset is disabled.');
    this.#ports.statuses.resetTopics(name);
    for (const [, task] of this.#supervisors.get(name)?.tasks ?? []) task.forgetTopics();
    return Promise.resolve();
  }

  async announceLoggerLevel(namespace: string, level: string): Promise<void> {
    await this.#ports.configs.putLoggerLevel(namespace, level);
  }

  async createConnector(request: CreateConnector): Promise<ConnectorInfo> {
    const name = javaTrim(request.name);
    return this.#change(name, async () => {
      const config = await this.#judge.acceptable(name, request.config);
      if (this.#ports.configs.find(name) !== undefined) throw alreadyExists(name);
      await this.#ports.configs.putConnector(name, config, request.initialState);
      this.#supervise(name);
      return this.connectorInfo(name);
    });
  }

  async putConnectorConfig(
    name: string,
    raw: RawConnectorConfig,
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    return this.#change(name, async () => {
      const config = await this.#judge.acceptable(name, raw);
      const created = this.#ports.configs.find(name) === undefined;
      await this.#ports.configs.putConnector(name, config, created ? 'STARTED' : undefined);
      this.errors.changed(name);
      this.#supervise(name).changed();
      return { created, info: this.connectorInfo(name) };
    });
  }

  async patchConnectorConfig(name: string, patch: RawConnectorConfig): Promise<ConnectorInfo> {
    return this.#change(name, async () => {
      const merged = new Map<string, string | null>(Object.entries(this.#stored(name).config));
      for (const [key, value] of Object.entries(patch))
        if (value === null) merged.delete(key);
        else merged.set(key, value);
      const config = await this.#judge.acceptable(name, Object.fromEntries(merged));
      await this.#ports.configs.putConnector(name, config);
      this.errors.changed(name);
      this.#supervise(name).changed();
      return this.connectorInfo(name);
    });
  }

  async deleteConnector(name: string): Promise<void> {
    await this.#change(name, async () => {
      this.#stored(name);
      await this.#ports.configs.deleteConnector(name);
      this.errors.deleted(name);
      const supervisor = this.#supervisors.get(name);
      if (supervisor === undefined) return;
      this.#supervisors.delete(name);
      this.#leaving.set(name, supervisor);
      supervisor.remove();
      // One of the same name starts only when this one is gone.
      void supervisor.settled().then(() => {
        if (this.#leaving.get(name) === supervisor) this.#leaving.delete(name);
      });
    });
  }

  async pauseConnector(name: string): Promise<void> {
    await this.#setTarget(name, 'PAUSED');
  }

  async resumeConnector(name: string): Promise<void> {
    await this.#setTarget(name, 'STARTED');
  }

  async stopConnector(name: string): Promise<void> {
    await this.#setTarget(name, 'STOPPED');
  }

  async restartConnector(
    name: string,
    { includeTasks, onlyFailed }: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStatus | undefined> {
    return this.#change(name, () => {
      const supervisor = this.#supervisors.get(name);
      if (supervisor === undefined) throw notFound(`Unknown connector: ${name}`);
      const isMeant = (state: string): boolean => !onlyFailed || state === 'FAILED';
      const plan = restartPlan(this.connectorStatus(name), isMeant, includeTasks);
      if (isMeant(supervisor.state)) supervisor.restartConnector();
      if (includeTasks)
        for (const [id, task] of supervisor.tasks)
          if (isMeant(task.state)) supervisor.restartTask(id);
      return Promise.resolve(includeTasks || onlyFailed ? plan : undefined);
    });
  }

  async restartTask(name: string, task: number): Promise<void> {
    await this.#change(name, () => {
      const supervisor = this.#supervisors.get(name);
      if (supervisor === undefined) throw notFound(`Unknown connector: ${name}`);
      if (!supervisor.tasks.some(([id]) => id === task))
        throw notFound(`Unknown task: ${name}-${task}`);
      supervisor.restartTask(task);
      return Promise.resolve();
    });
  }

  async connectorOffsets(name: string): Promise<ConnectorOffsets> {
    const { config } = this.#stored(name);
    if (this.#typeOf(config) === 'sink') {
      const { config: resolved } = await this.#ports.resolve(config);
      return withClients(resolved, this.#ports, (client) => sinkOffsets(name, config, client));
    }
    return sourceOffsets(name, await offsetsOf({ name, config, ports: this.#ports }));
  }

  async alterConnectorOffsets(
    name: string,
    wanted: ConnectorOffsets,
  ): Promise<{ readonly message: string }> {
    return this.#change(name, async () => {
      refuseEmpty(wanted);
      const config = await this.#stopped(name);
      return alterOffsets({ name, config, ports: this.#ports }, wanted);
    });
  }

  async resetConnectorOffsets(name: string): Promise<{ readonly message: string }> {
    return this.#change(name, async () => {
      const config = await this.#stopped(name);
      return resetOffsets({ name, config, ports: this.#ports });
    });
  }

  plugins(connectorsOnly: boolean): readonly PluginInfo[] {
    return this.#ports.registry.list(connectorsOnly);
  }

  pluginConfig(name: string, version?: string): readonly ConfigKeyInfo[] {
    return describePlugin(this.#ports.registry.any(name, version));
  }

  installedPlugins(): PluginReport {
    return this.#ports.registry.report();
  }

  validateConfig(pluginName: string, raw: RawConnectorConfig): Promise<ConfigInfos> {
    return this.#judge.infos(pluginName, raw);
  }

  clusterId(): string {
    return this.#options.clusterId;
  }

  health(): { readonly state: 'starting' | 'healthy' | 'unhealthy'; readonly message: string } {
    return this.#isClosed
      ? {
          state: 'unhealthy',
          message:
            'Worker was unable to handle this request and may be unable to handle other requests. The worker is shutting down.',
        }
      : {
          state: 'healthy',
          message: 'Worker has completed startup and is ready to handle requests.',
        };
  }

  metrics(): readonly MetricFamily[] {
    const { configs, registry, worker } = this.#ports;
    return collectMetrics({
      connectors: [...this.#supervisors.values()],
      workerId: this.#options.workerId,
      configOf: (name) => configs.find(name)?.config ?? {},
      registry,
      worker,
    });
  }

  /** Resolves when everything asked of a connector so far has been done, as far as it can be. */
  async settled(name: string): Promise<void> {
    await this.#leaving.get(name)?.settled();
    await this.#supervisors.get(name)?.settled();
  }

  /** Stops all tasks within their grace period, commits, and marks them UNASSIGNED. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const replays = this.errors.close();
    await Promise.all(
      [...this.#supervisors.values(), ...this.#leaving.values()].map((each) => each.close()),
    );
    await replays;
    await this.#options.release();
  }

  #supervise(name: string): ConnectorSupervisor {
    const known = this.#supervisors.get(name);
    if (known !== undefined) return known;
    const supervisor = new ConnectorSupervisor(name, this.#ports);
    this.#supervisors.set(name, supervisor);
    const leaving = this.#leaving.get(name);
    if (leaving === undefined) supervisor.start();
    else
      void leaving.settled().then(() => {
        if (!this.#isClosed && this.#supervisors.get(name) === supervisor) supervisor.start();
      });
    return supervisor;
  }

  /** Changes of one name follow each other; others are not held up. */
  async #change<T>(name: string, operation: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw workerClosed();
    const before = this.#changes.get(name) ?? Promise.resolve();
    const outcome = before.then(operation);
    const done = outcome.catch(() => undefined); // The caller has the error; the next one must not.
    this.#changes.set(name, done);
    try {
      return await outcome;
    } finally {
      if (this.#changes.get(name) === done) this.#changes.delete(name);
    }
  }

  async #setTarget(name: string, state: TargetState): Promise<void> {
    await this.#change(name, async () => {
      if (this.#ports.configs.find(name) === undefined) throw notFound(`Unknown connector ${name}`);
      await this.#ports.configs.putTargetState(name, state);
      this.#supervisors.get(name)?.changed();
    });
  }

  #stored(name: string): StoredConnector {
    const stored = this.#ports.configs.find(name);
    if (stored === undefined) throw notFound(`Connector ${name} not found`);
    return stored;
  }

  /** The configuration of a connector that is stopped and has no tasks left. */
  async #stopped(name: string): Promise<ConnectorConfig> {
    this.#stored(name);
    await this.settled(name);
    const { config, targetState, taskConfigs } = this.#stored(name);
    if (targetState !== 'STOPPED' || taskConfigs.length > 0)
      throw badRequest(
        `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
      );
    return config;
  }

  #pluginOf(config: ConnectorConfig): ConnectorPlugin | undefined {
    return this.#ports.registry.findConnector(config['connector.class'] ?? '');
  }

  #typeOf(config: ConnectorConfig): ConnectorType {
    return this.#pluginOf(config)?.kind ?? 'unknown';
  }

  #taskStatus(supervisor: ConnectorSupervisor, id: number): TaskStatus {
    const task = supervisor.tasks.find(([each]) => each === id)?.[1];
    return {
      id,
      state: task?.state ?? 'UNASSIGNED',
      worker_id: this.#options.workerId,
      ...present('trace', task?.trace),
      ...present('version', supervisor.version),
      ...(task?.restart === undefined ? {} : { restart: task.restart }),
    };
  }
}

/** What is about to restart, and why: traces stay. */
function restartPlan(
  status: ConnectorStatus,
  isMeant: (state: string) => boolean,
  includeTasks: boolean,
): ConnectorStatus {
  const shown = <T extends { readonly state: string }>(part: T): T =>
    isMeant(part.state) ? { ...part, state: 'RESTARTING' } : part;
  return {
    ...status,
    connector: shown(status.connector),
    tasks: includeTasks ? status.tasks.map(shown) : status.tasks,
  };
}

function present<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  const entry: Partial<Record<K, string>> = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}
