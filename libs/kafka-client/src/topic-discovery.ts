import { isRetriable } from '@millrace/foundation';
import { Background } from './background.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerOptions } from './consumer-api.ts';

/** Which topics exist that a consumer wants, now and every `metadata.max.age.ms`, or sooner while some may be found. */
export class TopicDiscovery {
  readonly #cluster: Cluster;
  readonly #wanted: readonly string[];
  readonly #pattern: RegExp | undefined;
  readonly #search: Background<readonly string[]>;
  /** `undefined` until they were looked for. */
  topics: readonly string[] | undefined;
  nextMs = 0;

  constructor(
    cluster: Cluster,
    { topics, topicsPattern }: Pick<ConsumerOptions, 'topics' | 'topicsPattern'>,
    signal: AbortSignal,
    onEnd: () => void,
  ) {
    this.#cluster = cluster;
    this.#wanted = [...new Set(topics)].sort();
    this.#pattern =
      topicsPattern === undefined
        ? undefined
        : new RegExp(`^(?:${topicsPattern.source})$`, topicsPattern.flags.replace(/[gy]/gu, ''));
    this.#search = new Background(signal, onEnd);
  }

  /** `'same'` and `'changed'` are the end of a search. */
  advance(): 'idle' | 'same' | 'changed' {
    const { clock, retryBackoffMs } = this.#cluster.settings;
    if (this.#search.isDone) {
      try {
        const topics = this.#search.take();
        const isChanged = this.topics !== undefined && !isEqual(this.topics, topics);
        this.topics = topics;
        return isChanged ? 'changed' : 'same';
      } catch (error) {
        if (!isRetriable(error)) throw error;
        this.nextMs = clock.monotonicMs() + retryBackoffMs;
        return 'idle';
      }
    }
    if (this.#search.isIdle && clock.monotonicMs() >= this.nextMs) {
      this.nextMs = clock.monotonicMs() + this.#pauseMs();
      this.#search.start(this.#find());
    }
    return 'idle';
  }

  /** A thousand consumers of topics that are there must not ask each second whether they still are. */
  #pauseMs(): number {
    const { metadataMaxAgeMs, topicSearchMs } = this.#cluster.settings;
    const isComplete =
      this.#pattern === undefined &&
      this.#wanted.every((name) => (this.#cluster.findTopic(name)?.partitions.length ?? 0) > 0);
    return isComplete ? metadataMaxAgeMs : Math.min(topicSearchMs, metadataMaxAgeMs);
  }

  async #find(): Promise<readonly string[]> {
    const pattern = this.#pattern;
    if (pattern === undefined) {
      await this.#cluster.refresh(this.#wanted);
      return this.#wanted;
    }
    const all = await this.#cluster.refreshAll();
    return all
      .filter(({ isInternal, name }) => !isInternal && pattern.test(name))
      .map(({ name }) => name)
      .sort();
  }
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
