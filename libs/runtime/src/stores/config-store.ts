import type { Logger } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import type { ConnectorConfig, ConnectorOffsets, TargetState } from '../herder.ts';
import type { CompactedTopic, TableRecord } from './compacted-topic.ts';
import { decodeJson, encodeJson, isObject, textMembers } from './json-codec.ts';

export interface StoredConnector {
  readonly config: ConnectorConfig;
  readonly targetState: TargetState;
  /** In effect; empty when none were made, or when what the topic holds is incomplete. */
  readonly taskConfigs: readonly ConnectorConfig[];
}

const CONNECTOR = 'connector-';
const TASK = 'task-';
const COMMIT = 'commit-';
const TARGET_STATE = 'target-state-';
const FENCING = 'tasks-fencing-';
const LOGGER = 'logger-cluster-';
/** Ours alone: workers of Kafka Connect pass over keys that they don't know. */
const ALTERATION = 'offsets-alteration-';
/** What is larger than Kafka's default `max.message.bytes` would not be taken. */
const ALTERATION_BYTES_MAX = 900_000;

/** What is known of the transactional producers that a source's tasks may still have (KIP-618). */
export interface TaskFencing {
  /** How many tasks the last generation had that was let deliver in transactions; undefined when there was none. */
  readonly taskCount: number | undefined;
  /** Task configurations were written since: that generation must be shut out before new tasks start. */
  readonly isPending: boolean;
}

/** `connect-configs`, in Connect's format: what should run. Every change is durable before it is visible. */
export class ConfigStore {
  readonly #topic: CompactedTopic;
  readonly #log: Logger;
  readonly #configs = new Map<string, ConnectorConfig>();
  readonly #targetStates = new Map<string, TargetState>();
  readonly #taskConfigs = new Map<string, readonly ConnectorConfig[]>();
  /** Outlive their connector: one of the same name must shut out the tasks of the former one (INV-9). */
  readonly #taskCounts = new Map<string, number>();
  readonly #pendingFencing = new Set<string>();
  /** Begun, and not known to have ended. */
  readonly #alterations = new Map<string, ConnectorOffsets>();
  /** Task records not yet made effective by a commit record. */
  readonly #uncommitted = new Map<string, Map<number, ConnectorConfig>>();

  constructor(topic: CompactedTopic, log: Logger) {
    this.#topic = topic;
    this.#log = log;
  }

  async load(signal: AbortSignal): Promise<void> {
    await this.#topic.readNew((record) => {
      this.#apply(record);
    }, signal);
    this.#uncommitted.clear();
  }

  names(): readonly string[] {
    return [...this.#configs.keys()].sort();
  }

  find(name: string): StoredConnector | undefined {
    const config = this.#configs.get(name);
    if (config === undefined) return undefined;
    return {
      config,
      targetState: this.#targetStates.get(name) ?? 'STARTED',
      taskConfigs: this.#taskConfigs.get(name) ?? [],
    };
  }

  fencing(name: string): TaskFencing {
    return { taskCount: this.#taskCounts.get(name), isPending: this.#pendingFencing.has(name) };
  }

  /** Tasks of former generations are shut out; so many may deliver in transactions from now on. */
  async putTaskCount(name: string, taskCount: number): Promise<void> {
    await this.#topic.write([
      { key: keyOf(FENCING, name), value: encodeJson({ 'task-count': taskCount }) },
    ]);
    this.#taskCounts.set(name, taskCount);
    this.#pendingFencing.delete(name);
  }

  async putConnector(name: string, config: ConnectorConfig, initial?: TargetState): Promise<void> {
    const records: TableRecord[] = [];
    if (initial !== undefined) records.push(targetStateRecord(name, initial));
    records.push({ key: keyOf(CONNECTOR, name), value: encodeJson({ properties: config }) });
    await this.#topic.write(records);
    this.#alterations.delete(name);
    this.#configs.set(name, config);
    if (initial !== undefined) this.#targetStates.set(name, initial);
  }

  async putTargetState(name: string, state: TargetState): Promise<void> {
    await this.#topic.write([targetStateRecord(name, state)]);
    this.#alterations.delete(name);
    this.#targetStates.set(name, state);
  }

  async putTaskConfigs(name: string, configs: readonly ConnectorConfig[]): Promise<void> {
    const tasks = configs.map((config, index) => ({
      key: keyOf(TASK, `${name}-${index}`),
      value: encodeJson({ properties: config }),
    }));
    const commit = { key: keyOf(COMMIT, name), value: encodeJson({ tasks: configs.length }) };
    await this.#topic.write([...tasks, commit]);
    this.#taskConfigs.set(name, configs);
    this.#pendingFencing.add(name);
  }

  async deleteConnector(name: string): Promise<void> {
    await this.#topic.write([
      { key: keyOf(CONNECTOR, name), value: null },
      { key: keyOf(TARGET_STATE, name), value: null },
    ]);
    this.#forget(name);
  }

  /**
   * For the workers that are live now (KIP-976): who starts later passes over it, we as well as Kafka Connect, since the
   * levels of a worker are those of its configuration.
   */
  async putLoggerLevel(namespace: string, level: string): Promise<void> {
    await this.#topic.write([{ key: keyOf(LOGGER, namespace), value: encodeJson({ level }) }]);
  }

  /** Alterations of offsets that a worker began and may not have ended; a later change of their connector voids them. */
  alterations(): ReadonlyMap<string, ConnectorOffsets> {
    return this.#alterations;
  }

  /** False when it is too large to be noted. */
  async putAlteration(name: string, wanted: ConnectorOffsets): Promise<boolean> {
    const value = encodeJson(wanted);
    if (value.length > ALTERATION_BYTES_MAX) return false;
    await this.#topic.write([{ key: keyOf(ALTERATION, name), value }]);
    this.#alterations.set(name, wanted);
    return true;
  }

  async endAlteration(name: string): Promise<void> {
    await this.#topic.write([{ key: keyOf(ALTERATION, name), value: null }]);
    this.#alterations.delete(name);
  }

  #forget(name: string): void {
    this.#alterations.delete(name);
    this.#configs.delete(name);
    this.#targetStates.delete(name);
    this.#taskConfigs.delete(name);
    this.#uncommitted.delete(name);
  }

  #apply(record: ConsumedRecord): void {
    if (record.key === null) return;
    const key = Buffer.from(record.key).toString();
    try {
      const value = record.value === null ? null : decodeJson(record.value);
      this.#applyEntry(key, value);
    } catch (error) {
      // One damaged record must not keep all other connectors from starting.
      this.#log.warn(
        { key, offset: record.offset, err: error },
        'a record of the configuration topic is unreadable and ignored',
      );
    }
  }

  #applyEntry(key: string, value: unknown): void {
    if (key.startsWith(CONNECTOR)) this.#applyConnector(key.slice(CONNECTOR.length), value);
    else if (key.startsWith(TARGET_STATE))
      this.#applyTargetState(key.slice(TARGET_STATE.length), value);
    else if (key.startsWith(ALTERATION)) this.#applyAlteration(key.slice(ALTERATION.length), value);
    else if (key.startsWith(FENCING)) this.#applyTaskCount(key.slice(FENCING.length), value);
    else if (key.startsWith(TASK)) this.#applyTask(key.slice(TASK.length), value);
    else if (key.startsWith(COMMIT)) this.#applyCommit(key.slice(COMMIT.length), value);
    // Others (session keys, restarts, logger levels) matter only to live workers of a group.
  }

  #applyConnector(name: string, value: unknown): void {
    this.#alterations.delete(name);
    if (isObject(value)) this.#configs.set(name, textMembers(value['properties']));
    else this.#forget(name);
  }

  #applyTargetState(name: string, value: unknown): void {
    this.#alterations.delete(name);
    const state = isObject(value) ? (value['state.v2'] ?? value['state']) : undefined;
    if (state === 'STARTED' || state === 'PAUSED' || state === 'STOPPED')
      this.#targetStates.set(name, state);
    else this.#targetStates.delete(name);
  }

  #applyAlteration(name: string, value: unknown): void {
    const offsets = isObject(value) ? value['offsets'] : undefined;
    if (!Array.isArray(offsets)) {
      this.#alterations.delete(name);
      return;
    }
    const entries = offsets.filter(isObject).flatMap(({ partition, offset }) => {
      if (!isObject(partition)) return [];
      return [{ partition, offset: isObject(offset) ? offset : null }];
    });
    this.#alterations.set(name, { offsets: entries });
  }

  #applyTask(id: string, value: unknown): void {
    const dash = id.lastIndexOf('-');
    const name = id.slice(0, dash);
    const index = Number(id.slice(dash + 1));
    if (dash < 1 || !Number.isInteger(index) || !isObject(value)) return;
    const pending = this.#uncommitted.get(name) ?? new Map<number, ConnectorConfig>();
    pending.set(index, textMembers(value['properties']));
    this.#uncommitted.set(name, pending);
  }

  #applyTaskCount(name: string, value: unknown): void {
    const count = isObject(value) ? value['task-count'] : undefined;
    if (typeof count !== 'number') return;
    this.#taskCounts.set(name, count);
    this.#pendingFencing.delete(name);
  }

  #applyCommit(name: string, value: unknown): void {
    const count = isObject(value) ? value['tasks'] : undefined;
    if (typeof count !== 'number') return;
    this.#pendingFencing.add(name);
    const known = this.#taskConfigs.get(name) ?? [];
    const pending = this.#uncommitted.get(name);
    this.#uncommitted.delete(name);
    const configs: ConnectorConfig[] = [];
    for (let index = 0; index < count; index++) {
      const config = pending?.get(index) ?? known[index];
      // Compaction took a part: none are started until they are made anew.
      if (config === undefined) {
        this.#taskConfigs.set(name, []);
        return;
      }
      configs.push(config);
    }
    this.#taskConfigs.set(name, configs);
  }
}

function keyOf(prefix: string, id: string): Uint8Array {
  return Buffer.from(`${prefix}${id}`);
}

/** STOPPED is PAUSED to workers that don't know it. */
function targetStateRecord(name: string, state: TargetState): TableRecord {
  const legacy = state === 'STOPPED' ? 'PAUSED' : state;
  return {
    key: keyOf(TARGET_STATE, name),
    value: encodeJson({ state: legacy, 'state.v2': state }),
  };
}
