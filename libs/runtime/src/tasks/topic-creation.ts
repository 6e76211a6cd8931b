import { wholeRegex } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { Logger } from '@millrace/foundation';
import { listOf, withoutPrefix } from '../config/prefixes.ts';
import type { LogClient } from '../clients/log-client.ts';
import { ensureTopic } from '../stores/topics.ts';

const PREFIX = 'topic.creation.';
const OWN_KEYS = new Set(['include', 'exclude', 'partitions', 'replication.factor']);

interface TopicGroup {
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** `topic.creation.*` of a source (KIP-158): a topic is made by its group's settings before the first record. */
export class TopicCreation {
  readonly #groups: readonly TopicGroup[];
  readonly #client: LogClient;
  readonly #log: Logger;

  private constructor(groups: readonly TopicGroup[], client: LogClient, log: Logger) {
    this.#groups = groups;
    this.#client = client;
    this.#log = log;
  }

  /** undefined when the connector has no such keys: then the broker's own creation applies. */
  static from(config: ComponentConfig, client: LogClient, log: Logger): TopicCreation | undefined {
    if (!Object.keys(config).some((key) => key.startsWith(PREFIX))) return undefined;
    const names = listOf(config[`${PREFIX}groups`]).filter((name) => name !== 'default');
    const groups = [...names, 'default'].map((name) => groupOf(name, config));
    return new TopicCreation(groups, client, log);
  }

  async ensure(topic: string): Promise<void> {
    const group = this.#groups.find(
      ({ include, exclude }) =>
        include.some((pattern) => pattern.test(topic)) &&
        !exclude.some((pattern) => pattern.test(topic)),
    );
    if (group === undefined) return;
    const { partitions, replicationFactor, configs } = group;
    await ensureTopic(
      this.#client,
      { name: topic, partitions, replicationFactor, configs },
      this.#log,
    );
  }
}

function groupOf(name: string, config: ComponentConfig): TopicGroup {
  const fallback = withoutPrefix(config, `${PREFIX}default.`);
  const own = withoutPrefix(config, `${PREFIX}${name}.`);
  const include = name === 'default' ? (own['include'] ?? '.*') : own['include'];
  return {
    include: patternsOf(include),
    exclude: patternsOf(own['exclude']),
    partitions: Number(own['partitions'] ?? fallback['partitions'] ?? -1),
    replicationFactor: Number(own['replication.factor'] ?? fallback['replication.factor'] ?? -1),
    configs: Object.fromEntries(Object.entries(own).filter(([key]) => !OWN_KEYS.has(key))),
  };
}

function patternsOf(text: string | undefined): readonly RegExp[] {
  return listOf(text).map((pattern) => wholeRegex(pattern));
}
