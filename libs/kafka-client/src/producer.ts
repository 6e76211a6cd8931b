import { deferred, isRetriable, MillraceError, must, type Deferred } from '@millrace/foundation';
import {
  apis,
  ErrorCode,
  errorFromCode,
  type ProduceResponse,
  type ProduceResponsePartition,
} from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import type { BrokerLink, BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import {
  answerIncomplete,
  bufferFull,
  clientClosed,
  deliveryTimedOut,
  invalidOptions,
  partitionNotKnown,
  recordTooLarge,
} from './errors.ts';
import { PartitionQueue } from './partition-queue.ts';
import { partitionForKey } from './partitioner.ts';
import type { Producer, ProducerOptions } from './producer-api.ts';
import type { ProducerBatch, ProducerIdentity } from './producer-batch.ts';
import type { ProducerRecord, SendResult } from './records.ts';
import { SendCall } from './send-call.ts';

type ProducerSettings = Required<ProducerOptions>;

/** What a record takes beside its key, value and headers, at most. */
const RECORD_OVERHEAD = 24;
const HEADER_OVERHEAD = 10;
const EPOCH_MAX = 32_767;

interface TopicQueues {
  readonly name: string;
  partitionCount: number;
  readonly partitions: PartitionQueue[];
  /** Where records without a key and partition go until their batch is sent. */
  sticky: number;
}

/** Why `#append` stopped before the end. */
type Blocked = 'topic' | 'space' | undefined;

interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
}

/**
 * Records are written straight into the batch of their partition. `#drain` runs when something
 * changed (records, answers, metadata, time): it sends each leader what is due, one batch a
 * partition and request, and sets the alarm for the next thing to become due.
 * Bounded: `bufferBytes` of unsettled records, `maxInFlight` requests a broker.
 */
export class KafkaProducer implements Producer {
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;
  readonly #settings: ProducerSettings;
  readonly #alarm: Alarm;
  readonly #topics = new Map<string, TopicQueues>();
  /** Partitions with unsettled batches, in the order of their turns. */
  readonly #active = new Set<PartitionQueue>();
  readonly #inFlight = new Map<number, number>();
  readonly #stop = new AbortController();
  #identity: ProducerIdentity | undefined;
  #isIdentityWanted = false;
  #usedBytes = 0;
  /** Of the send call that waits for room; others queue up behind it. */
  #blocked: { readonly neededBytes: number; readonly space: Deferred<undefined> } | undefined;
  #blockedCall: Promise<unknown> | undefined;
  #flushes = 0;
  #isDrainDue = false;
  #isRefreshing = false;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, options: ProducerOptions) {
    this.#cluster = cluster;
    this.#settings = settingsOf(options);
    this.#links = cluster.newLinks();
    this.#alarm = new Alarm(cluster.settings.clock, () => this.#drain());
    cluster.users.add(this);
  }

  async send(
    records: readonly ProducerRecord[],
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    signal?.throwIfAborted();
    const call = new SendCall(records.length);
    let index = 0;
    let errors: Map<string, MillraceError> | undefined;
    while (this.#blockedCall !== undefined) await this.#blockedCall;
    for (;;) {
      if (this.#closing !== undefined) throw clientClosed('producer');
      const appended = this.#append(records, index, call);
      index = appended.index;
      const record = records[index];
      if (record === undefined) break;
      if (appended.blocked === 'space') {
        const error = await this.#waitForSpace(appended.neededBytes, signal);
        if (error === undefined) continue;
        for (; index < records.length; index += 1) call.fail(index, error);
        break;
      }
      const known = errors?.get(record.topic);
      const error = known ?? (await this.#learnTopic(record, signal));
      if (error === undefined) continue;
      call.fail(index, error);
      index += 1;
      if (error.code !== 'client.partition_not_known') {
        (errors ??= new Map<string, MillraceError>()).set(record.topic, error);
      }
    }
    this.#drainSoon();
    return { delivered: call.delivered };
  }

  async flush(): Promise<void> {
    this.#flushes += 1;
    try {
      const unsettled = [...this.#active].flatMap(({ pending, queue }) => [...pending, ...queue]);
      const settled = Promise.all(unsettled.map((batch) => batch.settled()));
      this.#drainSoon();
      await settled;
    } finally {
      this.#flushes -= 1;
    }
  }

  /** After `timeoutMs` what is still not acknowledged fails; by default nothing is given up early. */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? Infinity);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#blocked?.space.resolve(undefined);
    const error = clientClosed('producer');
    await this.#cluster.watch.guard(this.flush(), timeoutMs, () => error).catch(() => undefined); // what is left is failed below
    this.#stop.abort(error);
    this.#alarm.clear();
    for (const queue of [...this.#active]) {
      for (const batch of [...queue.pending, ...queue.queue]) this.#settle(queue, batch, error);
    }
    await this.#links.close();
    this.#cluster.users.delete(this);
  }

  /** Copies records into batches until one has to wait. The hot path: nothing here is async. */
  #append(
    records: readonly ProducerRecord[],
    from: number,
    call: SendCall,
  ): { readonly index: number; readonly blocked: Blocked; readonly neededBytes: number } {
    const { bufferBytes, maxRequestBytes } = this.#settings;
    const { clock } = this.#cluster.settings;
    const nowMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    let topic: TopicQueues | undefined;
    // Neighbours often share one array of headers.
    let headers: ProducerRecord['headers'] | undefined;
    let headersBytes = 0;
    let index = from;
    for (; index < records.length; index += 1) {
      const record = must(records[index], 'within the records');
      if (topic === undefined || topic.name !== record.topic) {
        topic = this.#findTopic(record.topic);
        if (topic === undefined) return { index, blocked: 'topic', neededBytes: 0 };
      }
      const { key, value } = record;
      let bytes =
        RECORD_OVERHEAD +
        (key === null ? 0 : key.byteLength) +
        (value === null ? 0 : value.byteLength);
      if (record.headers.length > 0) {
        if (record.headers !== headers) {
          headers = record.headers;
          headersBytes = headerBytes(record);
        }
        bytes += headersBytes;
      }
      if (bytes > maxRequestBytes) {
        const limit = { key: 'max.request.size', bytes: maxRequestBytes };
        call.fail(index, recordTooLarge(record.topic, bytes, limit));
        continue;
      }
      // INV-6: a record larger than the whole buffer passes alone.
      if (this.#usedBytes + bytes > bufferBytes && this.#usedBytes > 0) {
        return { index, blocked: 'space', neededBytes: bytes };
      }
      const partition =
        record.partition ??
        (key === null ? this.#stick(topic) : partitionForKey(key, topic.partitionCount));
      if (partition < 0 || partition >= topic.partitionCount) {
        return { index, blocked: 'topic', neededBytes: 0 };
      }
      const queue = topic.partitions[partition] ?? this.#newQueue(topic, partition);
      let batch = queue.open;
      if (batch === undefined || batch.byteLength + bytes > queue.batchBytes) {
        if (queue.isEmpty) this.#active.add(queue);
        if (batch !== undefined && record.partition === null && key === null) {
          // The sticky batch is full: the next one goes elsewhere.
          topic.sticky = -1;
          queue.open = undefined;
          index -= 1;
          continue;
        }
        batch = queue.openBatch(monotonicMs);
      }
      batch.append(record, record.timestampMs ?? nowMs, call, index);
      batch.memoryBytes += bytes;
      this.#usedBytes += bytes;
    }
    return { index, blocked: undefined, neededBytes: 0 };
  }

  #findTopic(name: string): TopicQueues | undefined {
    const partitionCount = this.#cluster.findTopic(name)?.partitions.length ?? 0;
    if (partitionCount === 0) return undefined;
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { name, partitionCount, partitions: [], sticky: -1 };
      this.#topics.set(name, topic);
    }
    topic.partitionCount = partitionCount;
    return topic;
  }

  /** The same partition as long as its batch takes records, then another at random (KIP-480). */
  #stick(topic: TopicQueues): number {
    const { sticky, partitionCount, name } = topic;
    if (sticky >= 0 && sticky < partitionCount) {
      if (topic.partitions[sticky]?.open !== undefined) return sticky;
    }
    const available: number[] = [];
    for (let partition = 0; partition < partitionCount; partition += 1) {
      const leaderId = this.#cluster.findPartition(name, partition)?.leaderId ?? -1;
      if (leaderId >= 0 && partition !== sticky) available.push(partition);
    }
    const { random } = this.#cluster.settings;
    topic.sticky = available[random.nextInt(Math.max(1, available.length))] ?? Math.max(0, sticky);
    return topic.sticky;
  }

  #newQueue(topic: TopicQueues, partition: number): PartitionQueue {
    const queue = new PartitionQueue(topic.name, partition, this.#settings.batchBytes);
    topic.partitions[partition] = queue;
    return queue;
  }

  /** Makes the topic known, or says why its record can't be sent. Rejects only when aborted. */
  async #learnTopic(
    record: ProducerRecord,
    signal: AbortSignal | undefined,
  ): Promise<MillraceError | undefined> {
    this.#drainSoon(); // what is buffered already need not wait for this
    const { topic, partition } = record;
    try {
      const known = this.#cluster.findTopic(topic);
      const count = known?.partitions.length ?? 0;
      if (partition !== null && count > 0 && (partition < 0 || partition >= count)) {
        await this.#cluster.refresh([topic]); // it may have been added just now
        const now = this.#cluster.findTopic(topic)?.partitions.length ?? 0;
        if (partition < 0 || partition >= now) return partitionNotKnown(topic, partition, now);
        return undefined;
      }
      await this.#cluster.ensureTopic(topic, this.#settings.maxBlockMs, signal);
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MillraceError) return error;
      throw error;
    }
  }

  async #waitForSpace(
    neededBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<MillraceError | undefined> {
    const { bufferBytes, maxBlockMs } = this.#settings;
    const space = deferred<undefined>();
    this.#blocked = { neededBytes, space };
    const onAbort = (): void => space.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const waiting = this.#cluster.watch.guard(space.promise, maxBlockMs, () =>
      bufferFull(bufferBytes, maxBlockMs),
    );
    this.#blockedCall = waiting.catch(() => undefined);
    this.#drainSoon(); // nothing lingers while somebody waits
    try {
      await waiting;
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MillraceError) return error;
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#blocked = undefined;
      this.#blockedCall = undefined;
    }
  }

  #drainSoon(): void {
    if (this.#isDrainDue) return;
    this.#isDrainDue = true;
    queueMicrotask(() => {
      this.#isDrainDue = false;
      this.#drain();
    });
  }

  #drain(): void {
    if (this.#stop.signal.aborted || this.#active.size === 0) return;
    const nowMs = this.#cluster.settings.clock.monotonicMs();
    this.#expire(nowMs);
    const toRefresh = new Set<string>();
    let dueMs = Infinity;
    // One round fills at most one request for each broker; rounds go on while one was sent.
    for (let hasSent = true; hasSent && this.#haveIdentity();) {
      hasSent = false;
      const requests = new Map<number, { sent: Sent[]; bytes: number }>();
      for (const queue of [...this.#active]) {
        const batch = queue.next(this.#settings.maxInFlight);
        if (queue.mustRenew) {
          if (!this.#renew(queue)) break; // goes on with a new producer id
          hasSent = true;
          continue;
        }
        if (batch === undefined) continue;
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
        const leader = this.#cluster.findBroker(leaderId);
        this.#transmit(leaderId, this.#links.to(must(leader, 'a known leader')), request.sent);
        hasSent = true;
      }
    }
    if (toRefresh.size > 0) this.#refresh(toRefresh);
    // Also without an identity, which may never come.
    this.#alarm.set(Math.min(dueMs, this.#nextExpiryMs()));
  }

  /** When the batch may go: at once, after lingering, or after the back-off. */
  #dueAt(queue: PartitionQueue, batch: ProducerBatch, nowMs: number): number {
    if (batch.state !== 'open') return batch.retryNotBeforeMs;
    const isDue =
      queue.queue.length > 1 ||
      queue.open !== batch ||
      batch.byteLength >= queue.batchBytes ||
      this.#flushes > 0 ||
      this.#blocked !== undefined ||
      this.#closing !== undefined;
    return isDue ? nowMs : batch.createdAtMs + this.#settings.lingerMs;
  }

  /** When the first of the waiting batches has to be given up. */
  #nextExpiryMs(): number {
    let nextMs = Infinity;
    for (const queue of this.#active) nextMs = Math.min(nextMs, this.#expiryOf(queue));
    return nextMs;
  }

  #expiryOf(queue: PartitionQueue): number {
    const oldest = queue.oldest();
    if (oldest === undefined || oldest.state === 'busy') return Infinity;
    return oldest.createdAtMs + this.#settings.deliveryTimeoutMs;
  }

  /** gzip and zstd take a worker of the pool and a while; the others are built when sent. */
  #isBuilt(queue: PartitionQueue, batch: ProducerBatch): boolean {
    const { compression } = this.#settings;
    if (batch.state === 'building') return false;
    if (batch.state === 'idle' || (compression !== 'gzip' && compression !== 'zstd')) return true;
    if (queue.open === batch) queue.open = undefined;
    batch.build(compression).then(
      () => this.#drainSoon(),
      (error: unknown) => this.#settle(queue, batch, asMillrace(error)),
    );
    return false;
  }

  /** Puts the batch among the pending ones, with identity and sequence, ready for the wire. */
  #prepare(queue: PartitionQueue, batch: ProducerBatch): void {
    const { compression, enableIdempotence } = this.#settings;
    if (batch.attempts === 0 && !queue.pending.includes(batch)) {
      if (enableIdempotence && queue.producer === undefined) {
        queue.adopt(must(this.#identity, 'drained only with an identity'));
      }
      queue.take(batch, enableIdempotence);
      if (batch.state === 'open') batch.buildSync(compression, queue.producer);
      else if (queue.producer !== undefined) batch.restamp(queue.producer, batch.baseSequence);
    }
    batch.leave();
  }

  #transmit(leaderId: number, link: BrokerLink, sent: readonly Sent[]): void {
    const { acks, requestTimeoutMs } = this.#settings;
    this.#inFlight.set(leaderId, (this.#inFlight.get(leaderId) ?? 0) + 1);
    const byTopic = new Map<string, { index: number; records: Uint8Array }[]>();
    for (const { queue, batch } of sent) {
      const partitions = byTopic.get(queue.topic) ?? [];
      partitions.push({ index: queue.partition, records: batch.bytes });
      byTopic.set(queue.topic, partitions);
    }
    const request = {
      acks: acks === 'all' ? -1 : acks,
      timeoutMs: requestTimeoutMs,
      topicData: [...byTopic].map(([name, partitionData]) => ({ name, partitionData })),
    };
    const options = { timeoutMs: requestTimeoutMs, handsOver: true };
    const outcome =
      acks === 0
        ? link.requestOneWay(apis.produce, request, options)
        : link.request(apis.produce, request, options);
    outcome.then(
      (answer) => {
        this.#landed(leaderId);
        if (answer === undefined) for (const one of sent) this.#settle(one.queue, one.batch);
        else this.#readAnswer(sent, answer);
        this.#drainSoon();
      },
      (error: unknown) => {
        this.#landed(leaderId);
        const problem = asMillrace(error);
        for (const { queue, batch } of sent) this.#failed(queue, batch, problem);
        this.#drainSoon();
      },
    );
  }

  #landed(leaderId: number): void {
    this.#inFlight.set(leaderId, (this.#inFlight.get(leaderId) ?? 1) - 1);
  }

  #readAnswer(sent: readonly Sent[], answer: ProduceResponse): void {
    const answers = new Map<string, ProduceResponsePartition>();
    for (const { name, partitionResponses } of answer.responses) {
      for (const partition of partitionResponses) {
        answers.set(`${partition.index} ${name}`, partition);
      }
    }
    for (const { queue, batch } of sent) {
      const partition = answers.get(`${queue.partition} ${queue.topic}`);
      if (partition === undefined) {
        this.#failed(queue, batch, answerIncomplete('Produce', nameOf(queue)));
      } else this.#readPartition(queue, batch, partition);
    }
  }

  #readPartition(
    queue: PartitionQueue,
    batch: ProducerBatch,
    { errorCode, errorMessage, recordErrors }: ProduceResponsePartition,
  ): void {
    switch (errorCode) {
      case ErrorCode.NONE:
      case ErrorCode.DUPLICATE_SEQUENCE_NUMBER: // an earlier attempt was written after all
        this.#settle(queue, batch);
        return;
      case ErrorCode.MESSAGE_TOO_LARGE:
      case ErrorCode.RECORD_LIST_TOO_LARGE: {
        if (batch.recordCount > 1) {
          this.#split(queue, batch);
          return;
        }
        const limit = { key: 'max.message.bytes' };
        const cause = errorFromCode(errorCode, `produce to ${nameOf(queue)}`, errorMessage);
        const error = recordTooLarge(queue.topic, batch.byteLength, limit, cause);
        this.#failed(queue, batch, error);
        return;
      }
      case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
        // Of a later batch it only says that an earlier one is missing yet, which goes first.
        if (queue.isOldestPending(batch)) queue.renewLater();
        break;
      case ErrorCode.UNKNOWN_PRODUCER_ID:
      case ErrorCode.INVALID_PRODUCER_EPOCH:
      case ErrorCode.PRODUCER_FENCED:
        queue.renewLater();
        break;
      default: {
        const [first] = recordErrors;
        const detail = errorMessage ?? first?.batchIndexErrorMessage;
        const error = errorFromCode(errorCode, `produce to ${nameOf(queue)}`, detail);
        this.#failed(queue, batch, error);
        return;
      }
    }
    const error = errorFromCode(errorCode, `produce to ${nameOf(queue)}`, errorMessage);
    if (queue.producer === undefined) this.#settle(queue, batch, error);
    else this.#retry(queue, batch, error);
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
    this.#drainSoon();
  }

  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    queue.batchBytes = Math.max(1_024, Math.floor(batch.byteLength / 2));
    batch.split(this.#settings.compression, queue.producer).then(
      (parts) => {
        if (this.#stop.signal.aborted) return;
        queue.replace(batch, parts);
        this.#drainSoon();
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
    this.#usedBytes -= batch.memoryBytes;
    if (error === undefined) batch.acknowledge();
    else {
      // Whether its sequence was used or not, the broker and we may differ by now.
      if (batch.attempts > 0) queue.renewLater();
      batch.fail(error);
    }
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    if (
      this.#usedBytes === 0 ||
      this.#usedBytes + blocked.neededBytes <= this.#settings.bufferBytes
    )
      blocked.space.resolve(undefined);
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

  /** A higher epoch of our own makes sequences begin at 0 again, without asking anybody (KIP-360). */
  #renew(queue: PartitionQueue): boolean {
    const { epoch, id } = must(this.#identity, 'renewed only with an identity');
    if (epoch >= EPOCH_MAX) {
      this.#identity = undefined;
      return this.#haveIdentity();
    }
    this.#identity = { id, epoch: epoch + 1 };
    queue.adopt(this.#identity);
    this.#cluster.settings.log.debug(
      { topic: queue.topic, partition: queue.partition, producerId: id, producerEpoch: epoch + 1 },
      'sequence of a partition starts anew',
    );
    return true;
  }

  /** True when batches can be stamped; otherwise the identity is on its way. */
  #haveIdentity(): boolean {
    if (!this.#settings.enableIdempotence || this.#identity !== undefined) return true;
    if (this.#isIdentityWanted) return false;
    this.#isIdentityWanted = true;
    const doing = 'allocate a producer id';
    const asked = this.#cluster.retrying(Infinity, this.#stop.signal, async () => {
      const answer = await this.#cluster.withAnyBroker((link) =>
        link.request(apis.initProducerId, { transactionalId: null }),
      );
      if (answer.errorCode !== 0) throw errorFromCode(answer.errorCode, doing);
      return { id: answer.producerId, epoch: answer.producerEpoch };
    });
    asked.then(
      (identity) => {
        this.#isIdentityWanted = false;
        this.#identity = identity;
        this.#drainSoon();
      },
      (error: unknown) => {
        this.#isIdentityWanted = false;
        if (this.#stop.signal.aborted) return;
        for (const queue of [...this.#active]) {
          for (const batch of [...queue.pending, ...queue.queue]) {
            this.#settle(queue, batch, asMillrace(error));
          }
        }
      },
    );
    return false;
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
          this.#drainSoon();
        },
        () => undefined, // stopped
      );
  }
}

function settingsOf(options: ProducerOptions): ProducerSettings {
  const acks = options.acks ?? 'all';
  const maxInFlight = options.maxInFlight ?? 5;
  const canBeIdempotent = acks === 'all' && maxInFlight <= 5;
  if (options.enableIdempotence === true && !canBeIdempotent) {
    throw invalidOptions(
      'an idempotent producer needs acks=all and at most 5 requests in flight',
      'set acks=all and max.in.flight.requests.per.connection=5, or enable.idempotence=false',
    );
  }
  const maxRequestBytes = options.maxRequestBytes ?? 1024 * 1024;
  return {
    lingerMs: 5,
    bufferBytes: 32 * 1024 * 1024,
    compression: 'none',
    deliveryTimeoutMs: 120_000,
    requestTimeoutMs: 30_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1_000,
    maxBlockMs: 60_000,
    ...options,
    acks,
    maxInFlight,
    maxRequestBytes,
    batchBytes: Math.min(options.batchBytes ?? 128 * 1024, maxRequestBytes),
    // As Kafka does: on by default, off when other settings forbid it.
    enableIdempotence: options.enableIdempotence ?? canBeIdempotent,
  };
}

function headerBytes(record: ProducerRecord): number {
  let bytes = 0;
  for (const { key, value } of record.headers) {
    bytes += HEADER_OVERHEAD + key.length + (value === null ? 0 : value.byteLength);
  }
  return bytes;
}

function nameOf({ topic, partition }: PartitionQueue): string {
  return `${topic}-${partition}`;
}

/** Anything else is our bug, which must still settle what waits for it. */
function asMillrace(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError({
    code: 'client.send_failed',
    retry: 'fatal',
    message: 'a batch could not be sent',
    hint: 'look at the cause',
    cause: error,
  });
}
