import { MillraceError } from '@millrace/foundation';
import type {
  CommittedOffset,
  ConsumedRecord,
  Consumer,
  ConsumerOptions,
  GroupMetadata,
  TopicPartition,
} from '@millrace/kafka-client';
import type { MemoryGroup, MemoryProcess } from './memory-log.ts';

const RECORDS_MAX = 500;

export class MemoryConsumer implements Consumer {
  readonly #client: MemoryProcess;
  readonly #options: ConsumerOptions;
  readonly #group: MemoryGroup;
  readonly #positions = new Map<string, { readonly at: TopicPartition; next: number }>();
  readonly #paused = new Set<string>();
  #generation = -1;
  #isMember = false;
  #isExpired = false;
  #isClosed = false;
  #woken = false;

  constructor(client: MemoryProcess, options: ConsumerOptions) {
    this.#client = client;
    this.#options = options;
    this.#group = client.log.group(options.groupId);
  }

  async poll(options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly ConsumedRecord[]> {
    options.signal?.throwIfAborted();
    await this.#rebalance();
    return this.#read(options, () => {
      const isDue = this.#woken || this.#isStale();
      this.#woken = false;
      return isDue;
    });
  }

  /** Its records are objects of their own. */
  recycle(): void {
    // Nothing to be used again.
  }

  async readAhead(options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly ConsumedRecord[]> {
    return this.#read(options, () => false);
  }

  async #read(
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
    isDue: () => boolean,
  ): Promise<readonly ConsumedRecord[]> {
    const { clock } = this.#client.log;
    const untilMs = clock.monotonicMs() + options.timeoutMs;
    for (;;) {
      options.signal?.throwIfAborted();
      const records = this.#take();
      const isOver = isDue();
      if (records.length > 0 || isOver) return records;
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return [];
      const timer = new AbortController();
      const onAbort = (): void => timer.abort(options.signal?.reason);
      options.signal?.addEventListener('abort', onAbort, { once: true });
      await Promise.race([
        this.#client.log.change(),
        clock.sleep(leftMs, timer.signal).catch(() => undefined),
      ]);
      options.signal?.removeEventListener('abort', onAbort);
      timer.abort();
      options.signal?.throwIfAborted();
    }
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    await Promise.resolve();
    if (this.#client.isCut) return new Promise(() => undefined);
    if (this.#isExpired || !this.#isMember)
      throw new MillraceError({
        code: 'client.commit_rejected',
        retry: 'fatal',
        message: 'not a member of the group',
      });
    for (const { topic, partition, offset } of offsets)
      this.#group.committed.set(`${topic}/${partition}`, offset);
    this.#client.log.changed();
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    return Promise.resolve(
      partitions.flatMap(({ topic, partition }) => {
        const offset = this.#group.committed.get(`${topic}/${partition}`);
        return offset === undefined ? [] : [{ topic, partition, offset, metadata: '' }];
      }),
    );
  }

  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#positions.get(`${topic}/${partition}`)?.next;
  }

  lag({ topic, partition }: TopicPartition): number | undefined {
    const records = this.#client.log.topic(topic)?.partitions[partition];
    const position = this.position({ topic, partition });
    return records === undefined || position === undefined ? undefined : records.length - position;
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    const position = this.#positions.get(`${topic}/${partition}`);
    if (position !== undefined) position.next = offset;
    this.#client.log.changed();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#paused.add(`${topic}/${partition}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#paused.delete(`${topic}/${partition}`);
  }

  paused(): readonly TopicPartition[] {
    return this.assignment().filter(({ topic, partition }) =>
      this.#paused.has(`${topic}/${partition}`),
    );
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#positions.values()].map(({ at }) => at);
  }

  groupMetadata(): GroupMetadata {
    return {
      groupId: this.#options.groupId,
      generationId: this.#generation,
      memberId: '',
      groupInstanceId: null,
    };
  }

  wakeup(): void {
    this.#woken = true;
    this.#client.log.changed();
  }

  expire(): void {
    this.#isExpired = true;
  }

  leave(): void {
    if (this.#group.members.delete(this)) this.#group.generation++;
    this.#isMember = false;
    this.#client.log.changed();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const partitions = this.assignment();
    if (partitions.length > 0) await this.#options.onRevoked?.(partitions);
    this.#positions.clear();
    this.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isStale(): boolean {
    return this.#isExpired || this.#generation !== this.#group.generation;
  }

  async #rebalance(): Promise<void> {
    if (this.#client.isCut || (!this.#isStale() && this.#isMember)) return;
    const before = this.assignment();
    if (before.length > 0) {
      const wasLost = this.#isExpired;
      if (wasLost) await this.#options.onLost?.(before);
      else await this.#options.onRevoked?.(before);
      this.#positions.clear();
      this.#paused.clear();
    }
    this.#isExpired = false;
    if (!this.#isMember) {
      this.#isMember = true;
      this.#group.members.add(this);
      this.#group.generation++;
    }
    this.#generation = this.#group.generation;
    const assigned = this.#assign();
    for (const at of assigned)
      this.#positions.set(`${at.topic}/${at.partition}`, {
        at,
        next: this.#group.committed.get(`${at.topic}/${at.partition}`) ?? 0,
      });
    if (assigned.length > 0) await this.#options.onAssigned?.(assigned);
  }

  #assign(): readonly TopicPartition[] {
    const members = [...this.#group.members];
    const mine = members.indexOf(this);
    return this.#subscribed().flatMap((topic) =>
      (this.#client.log.topic(topic)?.partitions ?? [])
        .map((_, partition) => ({ topic, partition }))
        .filter(({ partition }) => partition % members.length === mine),
    );
  }

  #subscribed(): readonly string[] {
    const { topics, topicsPattern } = this.#options;
    if (topics !== undefined) {
      for (const topic of topics) this.#client.log.createTopic(topic);
      return topics;
    }
    const pattern = new RegExp(`^(?:${topicsPattern?.source ?? ''})$`, topicsPattern?.flags);
    return this.#client.log.topicNames().filter((name) => pattern.test(name));
  }

  #take(): readonly ConsumedRecord[] {
    const taken: ConsumedRecord[] = [];
    const limit = this.#options.maxPollRecords ?? RECORDS_MAX;
    if (this.#client.isCut || this.#isStale()) return taken;
    for (const [key, position] of this.#positions) {
      if (this.#paused.has(key)) continue;
      const { topic, partition } = position.at;
      const records = this.#client.log.topic(topic)?.partitions[partition] ?? [];
      const slice = records.slice(position.next, position.next + limit - taken.length);
      taken.push(...slice);
      position.next += slice.length;
    }
    return taken;
  }
}
