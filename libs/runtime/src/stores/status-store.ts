import type { Logger } from '@millrace/foundation';
import type { ConnectorState } from '../herder.ts';
import type { CompactedTopic } from './compacted-topic.ts';
import { decodeJson, encodeJson, isObject } from './json-codec.ts';

export interface StoredStatus {
  readonly state: ConnectorState;
  readonly trace: string | null;
  readonly version: string | null;
}

const CONNECTOR = 'status-connector-';
const TASK = 'status-task-';
const TOPIC = 'status-topic-';
const WAITING_MAX = 10_000;

/**
 * `connect-status`, in Connect's format. The worker's memory is what counts; the topic tells other tools, so writes
 * are in order but nobody waits for them, and one that fails is only logged. What is put while a write is on its way
 * goes with the next one, the last state of each key alone: a thousand connectors that start make a few writes.
 */
export class StatusStore {
  readonly #topic: CompactedTopic;
  readonly #workerId: string;
  readonly #log: Logger;
  readonly #topics = new Map<string, Set<string>>();
  #waiting = new Map<string, Uint8Array | null>();
  #writing: Promise<void> | undefined;

  constructor(topic: CompactedTopic, workerId: string, log: Logger) {
    this.#topic = topic;
    this.#workerId = workerId;
    this.#log = log;
  }

  /** Learns which topics connectors used, and clears the states of connectors that exist no more. */
  async load(exists: (connector: string) => boolean, signal: AbortSignal): Promise<void> {
    const owners = new Map<string, string>();
    await this.#topic.readNew((record) => {
      const key = record.key === null ? '' : Buffer.from(record.key).toString();
      if (record.value === null) owners.delete(key);
      const owner = ownerOf(key);
      if (record.value === null || owner === undefined) {
        if (key.startsWith(TOPIC)) this.#forgetTopic(key);
        return;
      }
      owners.set(key, owner);
      if (key.startsWith(TOPIC)) this.#learnTopic(record.value);
    }, signal);
    for (const [key, owner] of owners)
      if (!exists(owner) && !exists(owner.replace(/-\d+$/, ''))) this.#put(key, null);
  }

  putConnector(name: string, status: StoredStatus): void {
    this.#put(`${CONNECTOR}${name}`, this.#encode(status));
  }

  putTask(name: string, task: number, status: StoredStatus): void {
    this.#put(`${TASK}${name}-${task}`, this.#encode(status));
  }

  deleteConnector(name: string): void {
    this.#put(`${CONNECTOR}${name}`, null);
    this.resetTopics(name);
  }

  deleteTask(name: string, task: number): void {
    this.#put(`${TASK}${name}-${task}`, null);
  }

  topicsOf(name: string): readonly string[] {
    return [...(this.#topics.get(name) ?? [])].sort();
  }

  addTopic(name: string, task: number, topic: string, nowMs: number): void {
    const topics = this.#topics.get(name) ?? new Set<string>();
    this.#topics.set(name, topics);
    if (topics.has(topic)) return;
    topics.add(topic);
    const entry = { name: topic, connector: name, task, discoverTimestamp: nowMs };
    this.#put(topicKey(topic, name), encodeJson({ topic: entry }));
  }

  resetTopics(name: string): void {
    for (const topic of this.#topics.get(name) ?? []) this.#put(topicKey(topic, name), null);
    this.#topics.delete(name);
  }

  /** Resolves when everything put so far has been written, or has failed. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #encode(status: StoredStatus): Uint8Array {
    return encodeJson({
      state: status.state,
      trace: status.trace,
      worker_id: this.#workerId,
      generation: 0,
      version: status.version,
    });
  }

  #put(key: string, value: Uint8Array | null): void {
    // INV-6: while the log is down, only so many states wait; the memory's are current anyway.
    if (this.#waiting.size >= WAITING_MAX && !this.#waiting.has(key)) return;
    this.#waiting.delete(key); // what is put last is written last
    this.#waiting.set(key, value);
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.size > 0) {
      await Promise.resolve(); // what is put in the same turn goes along
      const states = [...this.#waiting];
      this.#waiting = new Map();
      await this.#topic
        .write(states.map(([key, value]) => ({ key: Buffer.from(key), value })))
        .catch((error: unknown) => {
          this.#log.warn(
            { keys: states.slice(0, 10).map(([key]) => key), count: states.length, err: error },
            'states were not written; other tools see old ones',
          );
        });
    }
    this.#writing = undefined;
  }

  #learnTopic(value: Uint8Array): void {
    const decoded = decodeJson(value);
    const topic = isObject(decoded) ? decoded['topic'] : undefined;
    if (!isObject(topic)) return;
    const { name, connector } = topic;
    if (typeof name !== 'string' || typeof connector !== 'string') return;
    const topics = this.#topics.get(connector) ?? new Set<string>();
    this.#topics.set(connector, topics.add(name));
  }

  #forgetTopic(key: string): void {
    const [topic, connector] = key.slice(TOPIC.length).split(':connector-');
    if (topic !== undefined && connector !== undefined) this.#topics.get(connector)?.delete(topic);
  }
}

function topicKey(topic: string, connector: string): string {
  return `${TOPIC}${topic}:connector-${connector}`;
}

/** The connector that a key is of; for a task with its number, since names may end with one too. */
function ownerOf(key: string): string | undefined {
  if (key.startsWith(CONNECTOR)) return key.slice(CONNECTOR.length);
  if (key.startsWith(TASK)) return key.slice(TASK.length);
  const separator = key.indexOf(':connector-');
  return key.startsWith(TOPIC) && separator > 0
    ? key.slice(separator + ':connector-'.length)
    : undefined;
}
