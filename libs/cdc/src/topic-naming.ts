import { topicCollision } from './errors.ts';

const TOPIC_LENGTH_MAX = 249;

/** Characters that Kafka does not allow in a topic name become underscores, as Debezium does it. */
export function sanitiseTopic(name: string): string {
  const sanitised = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, TOPIC_LENGTH_MAX);
  return sanitised === '.' ? '_' : sanitised === '..' ? '__' : sanitised;
}

/** As Debezium's Unicode strategies: `_u` and the code unit stand for what Kafka does not allow, and for underscores. */
export function escapeTopic(name: string): string {
  return name
    .replaceAll(
      /[^A-Za-z0-9.-]/g,
      (unit) => `_u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .slice(0, TOPIC_LENGTH_MAX);
}

/** Whether `topic.naming.strategy` is one that keeps names apart which differ in such characters alone. */
export function escapesTopics(strategy: string | null): boolean {
  return strategy !== null && UNICODE_STRATEGIES.has(strategy);
}

const UNICODE_STRATEGIES: ReadonlySet<string> = new Set([
  'io.debezium.schema.DefaultUnicodeTopicNamingStrategy',
  'io.debezium.schema.SchemaUnicodeTopicNamingStrategy',
]);

export interface TopicNamingOptions {
  readonly prefix: string;
  /** Names are escaped, so that none collide, in place of being made equal. */
  readonly isEscaped?: boolean;
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
  readonly #sanitise: (name: string) => string;

  constructor(options: TopicNamingOptions) {
    this.#options = options;
    this.#sanitise = options.isEscaped === true ? escapeTopic : sanitiseTopic;
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
    return this.#sanitise(this.#options.prefix);
  }

  heartbeat(): string {
    const {
      delimiter = '.',
      heartbeatName,
      heartbeatPrefix = '__debezium-heartbeat',
      prefix,
    } = this.#options;
    if (heartbeatName !== undefined && heartbeatName !== null) return this.#sanitise(heartbeatName);
    return this.#sanitise([heartbeatPrefix, prefix].join(delimiter));
  }

  transaction(): string {
    return this.#join(this.#options.transactionSuffix ?? 'transaction');
  }

  /** With a dot, whatever the delimiter of tables. */
  messages(): string {
    return this.#sanitise(`${this.#options.prefix}.message`);
  }

  #join(...path: readonly string[]): string {
    return this.#sanitise([this.#options.prefix, ...path].join(this.#options.delimiter ?? '.'));
  }
}
