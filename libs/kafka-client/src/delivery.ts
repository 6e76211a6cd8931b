import { isRetriable, must, type MillraceError } from '@millrace/foundation';
import {
  apis,
  type ProduceResponse,
  type ProduceResponsePartition,
} from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import type { BrokerLinks } from './broker-link.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { BufferMemory } from './buffer-memory.ts';
import type { Cluster } from './cluster.ts';
import { answerIncomplete, asMillrace, clientClosed, deliveryTimedOut } from './errors.ts';
import type { Identity } from './identity.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { PRODUCE_NAMES_VERSION_MAX } from './topic-ids.ts';
import { readProduceAnswer } from './produce-answer.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { ProducerSettings } from './producer-settings.ts';

interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
}

/**
 * Brings batches to the leaders of their partitions. `#drain` runs when something changed (records,
 * answers, metadata, time): it sends each leader what is due, one batch a partition and request, and
 * sets the alarm for the next thing to become due. At most `maxInFlight` requests a broker.
 */
export class Delivery {
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;
  readonly #settings: ProducerSettings;
  readonly #identity: Identity;
  readonly #memory: BufferMemory;
  readonly #batches: BatchMemory;
  readonly #alarm: Alarm;
  /** Partitions with unsettled batches, in the order of their turns. */
  readonly #active = new Set<PartitionQueue>();
  readonly #inFlight = new Map<number, number>();
  readonly #stop = new AbortController();
  #flushes = 0;
  #isClosing = false;
  #isDrainDue = false;
  #isRefreshing = false;
  readonly counts = { recordErrors: 0, retries: 0, splits: 0, requests: 0, bytes: 0 };

  constructor(
    cluster: Cluster,
    settings: ProducerSettings,
    identity: Identity,
    memory: BufferMemory,
    batches: BatchMemory,
  ) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#identity = identity;
    this.#memory = memory;
    this.#batches = batches;
    this.#links = cluster.newLinks();
    this.#alarm = new Alarm(cluster.settings.clock, () => this.#drain());
  }

  get requestsInFlight(): number {
    let count = 0;
    for (const one of this.#inFlight.values()) count += one;
    return count;
  }

  /** The queue got a batch. */
  activate(queue: PartitionQueue): void {
    this.#active.add(queue);
  }

  /** Sends what is buffered without lingering; resolves when all of it has settled. */
  async flush(): Promise<void> {
    this.#flushes += 1;
    try {
      const unsettled = [...this.#active].flatMap(({ pending, queue }) => [...pending, ...queue]);
      const settled = Promise.all(unsettled.map((batch) => batch.settled()));
      this.drainSoon();
      await settled;
    } finally {
      this.#flushes -= 1;
    }
  }

  drainSoon(): void {
    if (this.#isDrainDue) return;
    this.#isDrainDue = true;
    queueMicrotask(() => {
      this.#isDrainDue = false;
      this.#drain();
    });
  }

  /** What is not on the wire fails; what is, when its answer isn't a success. */
  failUnsent(error: MillraceError): void {
    for (const queue of [...this.#active]) {
      for (const batch of [...queue.pending, ...queue.queue]) {
        if (batch.state !== 'busy') this.#settle(queue, batch, error);
      }
    }
  }

  /** Flushes, for `timeoutMs` at most; what is left then fails. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    const error = clientClosed('producer');
    await this.#cluster.watch.guard(this.flush(), timeoutMs, () => error).catch(() => undefined); // what is left is failed below
    this.#stop.abort(error);
    this.#alarm.clear();
    for (const queue of [...this.#active]) {
      for (const batch of [...queue.pending, ...queue.queue]) this.#settle(queue, batch, error);
    }
    await this.#links.close();
  }

  #drain(): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#cluster.settings.clock.monotonicMs();
    if (this.#active.size === 0) {
      this.#alarm.set(this.#batches.rest(nowMs));
      return;
    }
    this.#expire(nowMs);
    const { failure } = this.#identity;
    if (failure !== undefined) {
      this.failUnsent(failure);
      return;
    }
    const toRefresh = new Set<string>();
    let dueMs = Infinity;
    // One round fills at most one request for each broker; rounds go on while one was sent.
    for (let hasSent = true; hasSent && this.#identity.current() !== 'pending';) {
      hasSent = false;
      const requests = new Map<number, { sent: Sent[]; bytes: number }>();
      for (const queue of [...this.#active]) {
        if (queue.mustRenew && !this.#renew(queue)) break; // goes on with a new producer id
        const batch = queue.next(this.#settings.maxInFlight);
        if (batch === undefined) continue;
        if (!this.#identity.mayWrite(queue.topic, queue.partition)) continue;
        const batchDueMs = this.#dueAt(queue, batch, nowMs);
        if (batchDueMs > nowMs) {
          dueMs = Math.min(dueMs, batchDueMs);
          continue;
        }
        const leader = this.#cluster.findLeader(queue.topic, queue.partition);
        if (leader === undefined || this.#cluster.isStale(queue.topic)) {
          toRefresh.add(queue.topic);
        }
        if (leader === undefined) continue;
        if ((this.#inFlight.get(leader.id) ?? 0) >= this.#settings.maxInFlight) continue;
        if (!this.#isBuilt(queue, batch)) continue;
        const request = requests.get(leader.id) ?? { sent: [], bytes: 0 };
        const bytes = request.bytes + batch.byteLength;
        if (request.sent.length > 0 && bytes > this.#settings.maxRequestBytes) {
          hasSent = true; // in the next round
          continue;
        }
        requests.set(leader.id, request);
        this.#prepare(queue, batch);
        request.sent.push({ queue, batch });
        request.bytes = bytes;
        // The next turn is that of others.
        this.#active.delete(queue);
        this.#active.add(queue);
      }
      for (const [leaderId, request] of requests) {
        this.#transmit(leaderId, request.sent, request.bytes);
        hasSent = true;
      }
    }
    if (toRefresh.size > 0) this.#refresh(toRefresh);
    // Also without an identity, which may never come.
    this.#alarm.set(Math.min(dueMs, this.#nextExpiryMs()));
  }

  #renew(queue: PartitionQueue): boolean {
    const current = this.#identity.current();
    const isNew = typeof current === 'object' && !queue.isOf(current);
    const next = isNew ? current : this.#identity.renewed();
    if (next === undefined) return false;
    queue.adopt(next);
    return true;
  }

  /** When the batch may go: at once, after lingering, or after the back-off. */
  #dueAt(queue: PartitionQueue, batch: ProducerBatch, nowMs: number): number {
    if (batch.state !== 'open') return batch.retryNotBeforeMs;
    const isDue =
      queue.queue.length > 1 ||
      queue.open !== batch ||
      batch.byteLength >= queue.batchBytes ||
      this.#flushes > 0 ||
      this.#memory.isShort ||
      this.#isClosing;
    return isDue ? nowMs : batch.createdAtMs + this.#settings.lingerMs;
  }

  /** When the first of the waiting batches has to be given up. */
  #nextExpiryMs(): number {
    let nextMs = Infinity;
    for (const queue of this.#active) {
      const oldest = queue.oldest();
      if (oldest === undefined || oldest.state === 'busy') continue;
      nextMs = Math.min(nextMs, oldest.createdAtMs + this.#settings.deliveryTimeoutMs);
    }
    return nextMs;
  }

  /** gzip and zstd take a worker of the pool and a while; the others are built when sent. */
  #isBuilt(queue: PartitionQueue, batch: ProducerBatch): boolean {
    const { compression } = this.#settings;
    if (batch.state === 'building') return false;
    if (batch.state === 'idle' || (compression !== 'gzip' && compression !== 'zstd')) return true;
    if (queue.open === batch) queue.open = undefined;
    batch.build().then(
      () => this.drainSoon(),
      (error: unknown) => this.#settle(queue, batch, asMillrace(error)),
    );
    return false;
  }

  /** Puts the batch among the pending ones, with identity and sequence, ready for the wire. */
  #prepare(queue: PartitionQueue, batch: ProducerBatch): void {
    const { isIdempotent } = this.#identity;
    if (batch.attempts === 0 && !queue.pending.includes(batch)) {
      const current = this.#identity.current();
      // A newer identity is taken over when nothing is under way under the former one.
      if (typeof current === 'object' && queue.pending.length === 0 && !queue.isOf(current)) {
        queue.adopt(current);
      }
      queue.take(batch, isIdempotent);
      if (batch.state === 'open') batch.buildSync(queue.producer);
      else if (queue.producer !== undefined) batch.restamp(queue.producer, batch.baseSequence);
    }
    this.#identity.onWrite();
    if (batch.attempts > 0) this.counts.retries += batch.recordCount;
    batch.leave();
  }

  #transmit(leaderId: number, sent: readonly Sent[], bytes: number): void {
    const { acks, requestTimeoutMs } = this.#settings;
    const { produceVersionMax, transactionalId } = this.#identity;
    const leader = must(this.#cluster.findBroker(leaderId), 'a known leader');
    const link = this.#links.to(leader);
    this.counts.requests += 1;
    this.counts.bytes += bytes;
    this.#inFlight.set(leaderId, (this.#inFlight.get(leaderId) ?? 0) + 1);
    const byTopic = new Map<string, { index: number; records: Uint8Array }[]>();
    for (const { queue, batch } of sent) {
      const partitions = byTopic.get(queue.topic) ?? [];
      partitions.push({ index: queue.partition, records: batch.bytes });
      byTopic.set(queue.topic, partitions);
    }
    const request = {
      transactionalId,
      acks: acks === 'all' ? -1 : acks,
      timeoutMs: requestTimeoutMs,
      topicData: [...byTopic].map(([name, partitionData]) => ({
        name,
        topicId: this.#cluster.findTopicId(name),
        partitionData,
      })),
    };
    // One topic without an id, and all are named; and who hears of no errors would go on with an old id.
    const usesIds = acks !== 0 && request.topicData.every(({ topicId }) => topicId !== undefined);
    const options = {
      timeoutMs: requestTimeoutMs,
      handsOver: true,
      madeBatches: true,
      versionMax: Math.min(
        produceVersionMax ?? apis.produce.maxVersion,
        usesIds ? apis.produce.maxVersion : PRODUCE_NAMES_VERSION_MAX,
      ),
    };
    // As asked: what the ids mean may have changed when the answer comes.
    const namesById = new Map(request.topicData.map(({ name, topicId }) => [topicId, name]));
    const outcome =
      acks === 0
        ? link.requestOneWay(apis.produce, request, options)
        : link.request(apis.produce, request, options);
    outcome.then(
      (answer) => {
        this.#landed(leaderId);
        if (answer === undefined) for (const one of sent) this.#settle(one.queue, one.batch);
        else this.#readAnswer(sent, namesById, answer, link.isDoneWithRequests);
        this.drainSoon();
      },
      (error: unknown) => {
        this.#landed(leaderId);
        const problem = asMillrace(error);
        for (const { queue, batch } of sent) this.#failed(queue, batch, problem);
        this.drainSoon();
      },
    );
  }

  #landed(leaderId: number): void {
    this.#inFlight.set(leaderId, (this.#inFlight.get(leaderId) ?? 1) - 1);
  }

  #readAnswer(
    sent: readonly Sent[],
    namesById: ReadonlyMap<string | undefined, string>,
    answer: ProduceResponse,
    isDoneWithBytes: boolean,
  ): void {
    const answers = new Map<string, ProduceResponsePartition>();
    for (const { name, topicId, partitionResponses } of answer.responses) {
      const topic = name === '' ? namesById.get(topicId) : name;
      for (const partition of partitionResponses) {
        answers.set(`${partition.index} ${topic ?? ''}`, partition);
      }
    }
    for (const { queue, batch } of sent) {
      const { topic, partition } = queue;
      const found = answers.get(`${partition} ${topic}`);
      if (found === undefined) {
        this.#failed(queue, batch, answerIncomplete('Produce', `${topic}-${partition}`));
        continue;
      }
      const verdict = readProduceAnswer(queue, batch, found);
      if (verdict === 'written') {
        this.#settle(queue, batch);
        // An earlier attempt may still lie in the queue of a connection.
        if (isDoneWithBytes && batch.attempts === 1) this.#batches.give(batch.bytes);
      } else if (verdict === 'split') this.#split(queue, batch);
      else if (verdict.kind === 'failed') this.#failed(queue, batch, verdict.error);
      else if (verdict.kind === 'early') this.#retry(queue, batch, verdict.error);
      else if (this.#identity.afterGap === 'fail') this.#settle(queue, batch, verdict.error);
      else {
        queue.renewLater();
        this.#retry(queue, batch, verdict.error);
      }
    }
  }

  #failed(queue: PartitionQueue, batch: ProducerBatch, error: MillraceError): void {
    if (isRetriable(error)) this.#retry(queue, batch, error);
    else this.#settle(queue, batch, error);
  }

  #retry(queue: PartitionQueue, batch: ProducerBatch, error: MillraceError): void {
    if (this.#stop.signal.aborted) return;
    const { clock, random } = this.#cluster.settings;
    const { deliveryTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = this.#settings;
    const nowMs = clock.monotonicMs();
    if (nowMs - batch.createdAtMs >= deliveryTimeoutMs) {
      this.#settle(
        queue,
        batch,
        deliveryTimedOut(queue.topic, queue.partition, deliveryTimeoutMs, error),
      );
      return;
    }
    const delayMs = Math.min(
      retryBackoffMs * 2 ** Math.min(batch.attempts - 1, 30),
      retryBackoffMaxMs,
    );
    batch.state = 'idle';
    batch.retryNotBeforeMs = nowMs + delayMs * 0.8 + random.nextInt(Math.ceil(delayMs * 0.4) + 1);
    // The leader may have moved, or died.
    this.#refresh([queue.topic]);
    this.drainSoon();
  }

  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    queue.batchBytes = Math.max(1_024, Math.floor(batch.byteLength / 2));
    this.counts.splits += 1;
    batch.split(queue.producer).then(
      (parts) => {
        if (this.#stop.signal.aborted) return;
        queue.replace(batch, parts);
        this.drainSoon();
      },
      (error: unknown) => {
        this.#settle(queue, batch, asMillrace(error));
      },
    );
  }

  /** The end of a batch: acknowledged, or failed with `error`. */
  #settle(queue: PartitionQueue, batch: ProducerBatch, error?: MillraceError): void {
    if (!queue.pending.includes(batch) && !queue.queue.includes(batch)) return; // settled by `close`
    queue.remove(batch);
    if (queue.isEmpty) this.#active.delete(queue);
    if (error === undefined) {
      queue.accepted(batch);
      batch.acknowledge();
    } else {
      // Whether its sequence was used or not, the broker and we may differ by now.
      queue.givenUp(batch);
      this.counts.recordErrors += batch.recordCount;
      this.#identity.onBatchFailed(error, batch.attempts > 0);
      batch.fail(error);
    }
    this.#memory.release(batch.memoryBytes);
  }

  #expire(nowMs: number): void {
    const { deliveryTimeoutMs } = this.#settings;
    if (deliveryTimeoutMs === Infinity) return;
    for (const queue of [...this.#active]) {
      for (;;) {
        const oldest = queue.oldest();
        if (oldest === undefined || oldest.state === 'busy' || oldest.state === 'building') break;
        if (nowMs - oldest.createdAtMs < deliveryTimeoutMs) break;
        const known = this.#cluster.findLeader(queue.topic, queue.partition) !== undefined;
        const cause = known ? undefined : new Error('the partition has no known leader');
        this.#settle(
          queue,
          oldest,
          deliveryTimedOut(queue.topic, queue.partition, deliveryTimeoutMs, cause),
        );
      }
    }
  }

  #refresh(topics: Iterable<string>): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const { clock, log, retryBackoffMs } = this.#cluster.settings;
    const wanted = new Set(topics);
    for (const { topic, partition } of this.#active) {
      if (this.#cluster.findLeader(topic, partition) === undefined) wanted.add(topic);
    }
    this.#cluster
      .refresh(wanted)
      .catch(async (error: unknown) => {
        if (this.#stop.signal.aborted) return;
        log.debug({ err: error }, 'metadata was not refreshed');
        await clock.sleep(retryBackoffMs, this.#stop.signal);
      })
      .then(
        () => {
          this.#isRefreshing = false;
          this.drainSoon();
        },
        () => undefined, // stopped
      );
  }
}
