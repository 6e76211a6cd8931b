import { topicCollision } from './errors.ts';

const TOPIC_LENGTH_MAX = 249;

/** Characters that Kafka does not allow in a topic name become underscores, as Debezium does it. */
export function sanitiseTopic(name: string): string {
  const sanitised = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, TOPIC_LENGTH_MAX);
  return sanitised === '.' ? '_' : sanitised === '..' ? '__' : sanitised;
}

export interface TopicNamingOptions {
  readonly prefix: string;
  /** `topic.delimiter` */
  readonly delimiter?: string;
  /** `topic.heartbeat.prefix` */
  readonly heartbeatPrefix?: string;
  /** `topic.heartbeat.name`: the whole name. */
  readonly heartbeatName?: string | null;
  /** `topic.transaction` */
  readonly transactionSuffix?: string;
}

/**
 * The topics of one connector. Remembers which table owns a topic: two tables whose names sanitise to the same
 * topic would otherwise be mixed silently.
 */
export class TopicNaming {
  readonly #options: TopicNamingOptions;
  readonly #owners = new Map<string, string>();

  constructor(options: TopicNamingOptions) {
    this.#options = options;
  }

  /** @throws MillraceError `cdc.topic_collision` */
  table(...path: readonly string[]): string {
    const topic = this.#join(...path);
    const source = path.map((part) => JSON.stringify(part)).join('.');
    const owner = this.#owners.get(topic);
    if (owner !== undefined && owner !== source) throw topicCollision(topic, owner, source);
    this.#owners.set(topic, source);
    return topic;
  }

  /** Of statements that change tables. */
  schemaChanges(): string {
    return sanitiseTopic(this.#options.prefix);
  }

  heartbeat(): string {
    const { heartbeatName, heartbeatPrefix = '__debezium-heartbeat', prefix } = this.#options;
    if (heartbeatName !== undefined && heartbeatName !== null) return sanitiseTopic(heartbeatName);
    return sanitiseTopic(`${heartbeatPrefix}.${prefix}`);
  }

  transaction(): string {
    return this.#join(this.#options.transactionSuffix ?? 'transaction');
  }

  /** With a dot, whatever the delimiter of tables. */
  messages(): string {
    return sanitiseTopic(`${this.#options.prefix}.message`);
  }

  #join(...path: readonly string[]): string {
    return sanitiseTopic([this.#options.prefix, ...path].join(this.#options.delimiter ?? '.'));
  }
}
