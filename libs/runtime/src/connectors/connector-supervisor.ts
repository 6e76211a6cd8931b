import type { ResolvedPlaceholders } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { deferred, isRetriable } from '@millrace/foundation';
import { withClients } from '../clients/own-clients.ts';
import { connectorRedactor } from '../config/connector-redactor.ts';
import { ErrorGroups } from '../errors/error-groups.ts';
import { traceOf } from '../errors/failed-operation.ts';
import { redactingLogger } from '../errors/redacting-logger.ts';
import type { Redact } from '../errors/redactor.ts';
import { taskFailureSighting } from '../errors/task-failure.ts';
import type { ConnectorConfig, ConnectorState } from '../herder.ts';
import type { TaskSupervisor } from '../tasks/task-supervisor.ts';
import { callWithLimit } from '../tasks/time-limit.ts';
import type { ConnectorPorts } from './connector-ports.ts';
import { fenceFormerGeneration, isExactlyOnce } from './generation-fence.ts';
import { openTask, type Configured } from './open-task.ts';
import { PlaceholderWatch } from './placeholder-watch.ts';
import { storedTaskConfig } from './stored-task-config.ts';
import { taskConfigsOf } from './task-configs.ts';

interface RunningTask {
  readonly supervisor: TaskSupervisor;
  /** What it runs with; another text means another life. */
  readonly basis: string;
}

const CONFIGURE_DELAY_MS = 250;
const CONFIGURE_DELAY_MAX_MS = 60_000;

/**
 * Makes one connector be what its stored configuration and target state say, again and again: one loop, woken by
 * every change, so operations on a connector never overlap and never wait for another connector. A change that
 * comes while the connector's code is running makes that call's outcome worthless, and it is left behind.
 */
export class ConnectorSupervisor {
  readonly name: string;
  readonly #ports: ConnectorPorts;
  readonly #closing = new AbortController();
  readonly #tasks = new Map<number, RunningTask>();
  readonly #tasksToRestart = new Set<number>();
  #wake = deferred();
  #isDirty = true;
  /** Aborted by the next change. */
  #superseded = new AbortController();
  #isRestartWanted = false;
  /** A connector of the same name may come after it: the store alone can't tell. */
  #isDeleted = false;
  #isBusy = false;
  #configured: Configured | undefined;
  /** The stored configuration with its placeholders replaced, as it was last. */
  #resolved: ComponentConfig | undefined;
  readonly #watch: PlaceholderWatch;
  #attempts = 0;
  #state: ConnectorState = 'UNASSIGNED';
  #trace: string | undefined;
  #version: string | undefined;
  #finished: Promise<void> | undefined;
  /** Settled whenever reality was made to match; for tests and for operations that need it. */
  #idle = deferred();
  /** What went wrong, by kind; outlives tasks and configurations. */
  readonly errors: ErrorGroups;
  startups = 0;
  startupFailures = 0;

  constructor(name: string, ports: ConnectorPorts) {
    this.name = name;
    this.#ports = ports;
    const { 'connector.class': className = '', 'connector.plugin.version': asked } =
      ports.configs.find(name)?.config ?? {};
    this.#version = ports.registry.findConnector(className, asked)?.version;
    this.errors = new ErrorGroups(ports.clock);
    this.#watch = new PlaceholderWatch({
      connector: name,
      clock: ports.clock,
      log: ports.log,
      resolve: ports.resolve,
      onChanged: () => this.restartConnector(),
    });
  }

  get state(): ConnectorState {
    return this.#state;
  }

  get trace(): string | undefined {
    return this.#trace;
  }

  get version(): string | undefined {
    return this.#version;
  }

  get tasks(): readonly (readonly [number, TaskSupervisor])[] {
    return [...this.#tasks]
      .map(([id, { supervisor }]) => [id, supervisor] as const)
      .sort(([left], [right]) => left - right);
  }

  start(): void {
    this.#report('UNASSIGNED', undefined);
    this.#finished ??= this.#run();
  }

  /** The store says something new. */
  changed(): void {
    this.#superseded.abort(new Error('the connector was changed meanwhile'));
    this.#watch.close();
    this.#superseded = new AbortController();
    this.#attempts = 0;
    this.#markDirty();
  }

  /** The connector was deleted: this one goes, whatever comes under its name. */
  remove(): void {
    this.#isDeleted = true;
    this.changed();
  }

  restartConnector(): void {
    this.#isRestartWanted = true;
    this.#report('RESTARTING', undefined);
    this.#markDirty();
  }

  restartTask(id: number): void {
    this.#tasks.get(id)?.supervisor.showRestarting();
    this.#tasksToRestart.add(id);
    this.#markDirty();
  }

  /** Resolves when everything asked for so far has been done, as far as it can be. */
  async settled(): Promise<void> {
    while ((this.#isDirty || this.#isBusy) && !this.#closing.signal.aborted)
      await this.#idle.promise;
  }

  /** Stops the tasks; the stored configuration stays. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the worker is shutting down'));
    this.#watch.close();
    this.#superseded.abort(this.#closing.signal.reason);
    this.#wake.resolve();
    this.#idle.resolve();
    await this.#finished;
    await this.#stopTasks([...this.#tasks.keys()]);
    if (!this.#isDeleted) this.#report('UNASSIGNED', undefined);
  }

  #markDirty(): void {
    this.#isDirty = true;
    this.#wake.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (!this.#isDirty) {
        this.#idle.resolve();
        this.#idle = deferred();
        await this.#wake.promise;
        continue;
      }
      this.#isDirty = false;
      this.#wake = deferred();
      this.#isBusy = true;
      const isDone = await this.#reconcileSafely();
      this.#isBusy = false;
      if (isDone) break;
    }
    this.#isDirty = false;
    this.#idle.resolve();
  }

  /** True when the connector is gone. */
  async #reconcileSafely(): Promise<boolean> {
    const superseded = this.#superseded.signal;
    try {
      return await this.#reconcile();
    } catch (error) {
      if (superseded.aborted) return false;
      this.startupFailures++;
      this.#report('FAILED', traceOf(error));
      this.errors.add(
        { ...taskFailureSighting(error, undefined), outcome: 'connector-failed' },
        this.#redactor(),
      );
      redactingLogger(this.#ports.log, this.#redactor()).error(
        { connector: this.name, err: error },
        'the connector failed',
      );
      if (isRetriable(error)) void this.#tryAgainLater();
      return false;
    }
  }

  async #tryAgainLater(): Promise<void> {
    const { clock } = this.#ports;
    const delayMs = Math.min(CONFIGURE_DELAY_MAX_MS, CONFIGURE_DELAY_MS * 2 ** this.#attempts++);
    try {
      await clock.sleep(delayMs, this.#superseded.signal);
      this.#markDirty();
    } catch {
      // A change or the end of the worker came first.
    }
  }

  async #reconcile(): Promise<boolean> {
    const stored = this.#ports.configs.find(this.name);
    if (this.#isDeleted || stored === undefined) {
      await this.#remove();
      return true;
    }
    switch (stored.targetState) {
      case 'STOPPED':
        await this.#stopAll(stored.taskConfigs.length);
        break;
      case 'PAUSED':
        await this.#pauseAll(stored.config, stored.taskConfigs);
        break;
      case 'STARTED':
        await this.#startAll(stored.config, stored.taskConfigs);
        break;
    }
    return false;
  }

  async #stopAll(taskCount: number): Promise<void> {
    const { configs, statuses } = this.#ports;
    await this.#stopTasks([...this.#tasks.keys()]);
    if (taskCount > 0) await configs.putTaskConfigs(this.name, []);
    for (let id = 0; id < taskCount; id++) statuses.deleteTask(this.name, id);
    this.#configured = undefined;
    this.#isRestartWanted = false;
    this.#report('STOPPED', undefined);
  }

  async #pauseAll(config: ConnectorConfig, taskConfigs: readonly ComponentConfig[]): Promise<void> {
    for (const { supervisor } of this.#tasks.values()) supervisor.setPaused(true);
    // After a restart of the worker: the tasks are there, but wait to be resumed.
    if (this.#tasks.size === 0 && taskConfigs.length > 0) {
      const plugin = this.#ports.registry.connector(
        config['connector.class'] ?? '',
        config['connector.plugin.version'],
      );
      const { config: resolved, ttlMs } = await this.#resolve(config);
      await this.#runTasks({ plugin, stored: config, resolved, taskConfigs, ttlMs }, true);
    } else await this.#restartAskedFor(true);
    this.#isRestartWanted = false;
    this.#report('PAUSED', undefined);
  }

  async #startAll(config: ConnectorConfig, taskConfigs: readonly ComponentConfig[]): Promise<void> {
    const known = this.#configured;
    const isNew = known === undefined || canonical(known.stored) !== canonical(config);
    if (isNew || this.#isRestartWanted || this.#state === 'FAILED') {
      this.#isRestartWanted = false;
      this.#configured = await this.#configure(config, taskConfigs);
    }
    if (this.#configured !== undefined) await this.#runTasks(this.#configured, false);
    if (this.#configured !== undefined) {
      const { stored, resolved, ttlMs } = this.#configured;
      this.#watch.watch(stored, { config: resolved, ttlMs });
    }
    this.#attempts = 0;
    this.#report('RUNNING', undefined);
  }

  /** Asks the connector for its task configurations, and stores them when they differ. */
  async #configure(
    config: ConnectorConfig,
    storedTasks: readonly ComponentConfig[],
  ): Promise<Configured> {
    const { registry, clock, worker, configs } = this.#ports;
    this.startups++;
    const plugin = registry.connector(
      config['connector.class'] ?? '',
      config['connector.plugin.version'],
    );
    this.#version = plugin.version;
    const { config: resolved, ttlMs } = await this.#resolve(config);
    const made = await taskConfigsOf(this.name, plugin, resolved, {
      worker,
      clock,
      signal: this.#superseded.signal,
    });
    const taskConfigs = made.map((own) => storedTaskConfig(own, config, resolved, plugin));
    if (taskConfigs.map(canonical).join() !== storedTasks.map(canonical).join())
      await configs.putTaskConfigs(this.name, taskConfigs);
    return { plugin, stored: config, resolved, taskConfigs, ttlMs };
  }

  async #resolve(config: ConnectorConfig): Promise<ResolvedPlaceholders> {
    const resolved = await this.#ports.resolve(config);
    this.#resolved = resolved.config;
    return resolved;
  }

  /** Surplus tasks end, changed ones are replaced, missing ones start; the others are not touched. */
  async #runTasks(configured: Configured, isPaused: boolean): Promise<void> {
    const { statuses } = this.#ports;
    const stored = canonical(configured.stored);
    const resolved = canonical(configured.resolved);
    const bases = configured.taskConfigs.map((task) => `${canonical(task)}${stored}${resolved}`);
    const isNewGeneration = this.#mustFence(configured);
    const ending = [...this.#tasks]
      .filter(
        ([id, task]) => isNewGeneration || task.basis !== bases[id] || this.#tasksToRestart.has(id),
      )
      .map(([id]) => id);
    this.#tasksToRestart.clear();
    await this.#stopTasks(ending);
    for (const id of ending) if (id >= bases.length) statuses.deleteTask(this.name, id);
    if (isNewGeneration) await this.#fence(bases.length, configured.resolved);
    for (const [id, basis] of bases.entries()) {
      const running = this.#tasks.get(id);
      if (running === undefined) await this.#startTask(id, basis, configured, isPaused);
      else running.supervisor.setPaused(isPaused);
    }
  }

  /** With exactly-once delivery new task configurations make a new generation, and none of the old one may go on. */
  #mustFence({ plugin }: Configured): boolean {
    const { configs, worker } = this.#ports;
    return (
      plugin.kind === 'source' && isExactlyOnce(worker) && configs.fencing(this.name).isPending
    );
  }

  async #fence(taskCount: number, resolved: ComponentConfig): Promise<void> {
    const { configs, worker, log } = this.#ports;
    await withClients(resolved, this.#ports, (client) =>
      fenceFormerGeneration({ connector: this.name, taskCount, configs, worker, client, log }),
    );
  }

  async #restartAskedFor(isPaused: boolean): Promise<void> {
    const configured = this.#configured;
    if (configured !== undefined && this.#tasksToRestart.size > 0)
      await this.#runTasks(configured, isPaused);
  }

  async #startTask(
    id: number,
    basis: string,
    configured: Configured,
    isPaused: boolean,
  ): Promise<void> {
    const { statuses } = this.#ports;
    const { plugin } = configured;
    const supervisor = await openTask({
      connector: this.name,
      task: id,
      configured,
      isPaused,
      errors: this.errors,
      ports: this.#ports,
    });
    this.#tasks.set(id, { supervisor, basis });
    statuses.putTask(this.name, id, { state: 'UNASSIGNED', trace: null, version: plugin.version });
    supervisor.start();
  }

  async #stopTasks(ids: readonly number[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const task = this.#tasks.get(id);
        await task?.supervisor.stop();
        this.#tasks.delete(id);
        if (task !== undefined)
          this.#ports.statuses.putTask(this.name, id, {
            state: 'UNASSIGNED',
            trace: null,
            version: this.#version ?? null,
          });
      }),
    );
  }

  /** The connector was deleted: what it holds outside is given up, as far as its configuration allows. */
  async #remove(): Promise<void> {
    const { statuses, clock, worker } = this.#ports;
    const log = redactingLogger(this.#ports.log, this.#redactor());
    const ids = [...this.#tasks.keys()];
    const configured = this.#configured;
    await this.#stopTasks(ids);
    if (configured?.plugin.onDelete !== undefined) {
      const limits = {
        clock,
        stage: 'onDelete of the connector',
        limitMs: worker.fields['connector.call.timeout.ms'],
        graceMs: () => 0,
        signal: this.#closing.signal,
      };
      const { plugin, resolved } = configured;
      await callWithLimit(limits, async (signal) => plugin.onDelete?.(resolved, signal)).catch(
        (error: unknown) => {
          log.warn(
            { connector: this.name, err: error },
            'the deleted connector could not give up what it held outside; look there for leftovers',
          );
        },
      );
    }
    for (const id of ids) statuses.deleteTask(this.name, id);
    statuses.deleteConnector(this.name);
  }

  #redactor(): Redact {
    const { configs, registry, worker } = this.#ports;
    // Of one that was deleted, what it was.
    const stored = configs.find(this.name)?.config ?? this.#configured?.stored ?? {};
    const { 'connector.class': className = '', 'connector.plugin.version': asked } = stored;
    const plugin = this.#configured?.plugin ?? registry.findConnector(className, asked);
    const resolved = this.#resolved ?? stored;
    return connectorRedactor({ plugin, resolved, stored }, { registry, worker });
  }

  #report(state: ConnectorState, trace: string | undefined): void {
    const { statuses } = this.#ports;
    this.#state = state;
    this.#trace = trace === undefined ? undefined : this.#redactor()(trace);
    statuses.putConnector(this.name, {
      state,
      trace: this.#trace ?? null,
      version: this.#version ?? null,
    });
  }
}

/** Equal for equal configurations, whatever the order of their keys. */
function canonical(config: ComponentConfig): string {
  return JSON.stringify(Object.entries(config).sort(([left], [right]) => (left < right ? -1 : 1)));
}
