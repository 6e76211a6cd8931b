import { isRetriable } from '@millrace/foundation';
import { Background } from './background.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerMember, TopicIdPartitions } from './consumer-member.ts';
import type { GroupMember, Rebalance } from './group-member.ts';
import type { Ownership } from './ownership.ts';
import type { TopicPartition } from './records.ts';
import type { TopicDiscovery } from './topic-discovery.ts';

/** The consumer protocol (KIP-848): the coordinator says what to hold; we give up, take, and tell it. */
export class Reconciliation implements Rebalance {
  readonly #cluster: Cluster;
  readonly #member: ConsumerMember;
  readonly #ownership: Ownership;
  /** Absent when the coordinator looks for the topics. */
  readonly #discovery: TopicDiscovery | undefined;
  readonly #naming: Background<undefined>;
  /** What we shall hold and don't yet: a topic's name may not be known here. */
  #target: TopicIdPartitions | undefined;
  #isNew = false;
  #nameAgainMs = 0;

  constructor(
    cluster: Cluster,
    member: ConsumerMember,
    ownership: Ownership,
    discovery: TopicDiscovery | undefined,
    signal: AbortSignal,
    onChange: () => void,
  ) {
    this.#cluster = cluster;
    this.#member = member;
    this.#ownership = ownership;
    this.#discovery = discovery;
    this.#naming = new Background(signal, onChange);
  }

  get member(): GroupMember {
    return this.#member;
  }

  get nextMs(): number {
    const discoverMs = this.#discovery?.nextMs ?? Infinity;
    return this.#target === undefined ? discoverMs : Math.min(discoverMs, this.#nameAgainMs);
  }

  async advance(): Promise<boolean> {
    const member = this.#member;
    if (member.isLost) {
      this.#target = undefined;
      await this.#ownership.giveUpAll(true);
      if (member.failure !== undefined) throw member.failure;
      member.forget();
      return true;
    }
    if (this.#discovery === undefined) {
      if (!member.isJoined) member.subscribe([]);
    } else if (this.#discovery.advance() !== 'idle') {
      const { topics = [] } = this.#discovery;
      if (!member.isJoined || !isSame(topics, this.#subscribed)) {
        this.#subscribed = topics;
        member.subscribe(topics);
      }
      return true;
    }
    const target = member.takeTarget();
    if (target !== undefined) {
      this.#target = target;
      this.#isNew = true;
    }
    return await this.#reconcile();
  }

  #subscribed: readonly string[] = [];

  async #reconcile(): Promise<boolean> {
    if (this.#naming.isDone) this.#endNaming();
    const target = this.#target;
    if (target === undefined) return false;
    const named: TopicPartition[] = [];
    const known = new Map<string, readonly number[]>();
    const unknown: string[] = [];
    for (const [topicId, partitions] of target) {
      const topic = this.#cluster.findTopicName(topicId);
      if (topic === undefined) unknown.push(topicId);
      else {
        known.set(topicId, partitions);
        for (const partition of partitions) named.push({ topic, partition });
      }
    }
    if (unknown.length === 0) this.#target = undefined;
    else this.#nameLater(unknown);
    const revoked = this.#ownership.superfluous(named);
    const isMore = this.#ownership.held().length - revoked.length < named.length;
    if (!this.#isNew && revoked.length === 0 && !isMore) return false;
    this.#isNew = false;
    await this.#ownership.revoke(revoked);
    if (this.#member.isLost) return true; // a commit in the callback found it out
    if (isMore) await this.#ownership.add(named);
    this.#member.acknowledge(known);
    return true;
  }

  #nameLater(topicIds: readonly string[]): void {
    const { clock, retryBackoffMaxMs } = this.#cluster.settings;
    if (!this.#naming.isIdle || clock.monotonicMs() < this.#nameAgainMs) return;
    this.#nameAgainMs = clock.monotonicMs() + retryBackoffMaxMs;
    this.#naming.start(this.#cluster.learnTopicIds(topicIds).then(() => undefined));
  }

  #endNaming(): void {
    try {
      this.#naming.take();
    } catch (error) {
      if (!isRetriable(error)) throw error;
    }
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
