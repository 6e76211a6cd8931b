import { must, MillraceError } from '@millrace/foundation';
import { BatchMemory } from './batch-memory.ts';
import { BufferMemory } from './buffer-memory.ts';
import type { Cluster } from './cluster.ts';
import type { GroupMetadata, OffsetToCommit } from './consumer-api.ts';
import { Delivery } from './delivery.ts';
import { clientClosed, invalidOptions, partitionNotKnown, recordTooLarge } from './errors.ts';
import { IdempotentIdentity } from './idempotent-identity.ts';
import { ANONYMOUS, type Identity, type IdentityEvents } from './identity.ts';
import { partitionForKey } from './partitioner.ts';
import type {
  ProducerMetrics,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './producer-api.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { packedKey, writableOf } from './producer-run.ts';
import { producerSettingsOf, type ProducerSettings } from './producer-settings.ts';
import { ProducerBatch } from './producer-batch.ts';
import type { ProducerRecord, ProducerRun, SendResult, WritableRun } from './records.ts';
import { SendCall } from './send-call.ts';
import { TopicQueues } from './topic-queues.ts';
import { Transaction } from './transaction.ts';

/** What a record takes beside its key, value and headers, at most. */
const RECORD_OVERHEAD = 24;
const HEADER_OVERHEAD = 10;
/** An open transaction is aborted when its producer is closed, for which nobody waits longer. */
const ABORT_TIMEOUT_MS = 5_000;

/** Records are written in place into batches that are so large, with so much room in memory. */
const IN_PLACE_BYTES_MIN = 64 * 1024;

/** Where a record is to go. */
type Target = Pick<ProducerRecord, 'topic' | 'partition'>;

/** How far it went, and why not to the end. */
interface Appended {
  readonly index: number;
  /** `form`: the next record has to go by itself. */
  readonly blocked: 'topic' | 'space' | 'form' | undefined;
  readonly neededBytes: number;
}

/** Records of a run that lie together. */
interface PackedPart {
  readonly run: ProducerRun;
  /** In their call; behind the last. */
  readonly first: number;
  readonly end: number;
}

/** What is to be written into a batch, and how much memory there is. */
interface Writing {
  readonly run: WritableRun;
  readonly from: number;
  readonly index: number;
  readonly call: SendCall;
  readonly timestampMs: number;
  readonly room: number;
}

/** The records of one call, however they lie. */
interface Sending {
  readonly count: number;
  readonly record: (index: number) => Target | undefined;
  readonly append: (from: number, call: SendCall) => Appended;
}

/**
 * Records are written straight into the batch of their partition, which `Delivery` brings to its
 * leader. Bounded: `bufferBytes` of unsettled records.
 */
export class KafkaProducer implements TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #settings: ProducerSettings;
  readonly #memory: BufferMemory;
  readonly #batches: BatchMemory;
  readonly #identity: Identity;
  readonly #transaction: Transaction | undefined;
  readonly #delivery: Delivery;
  readonly #topics = new Map<string, TopicQueues>();
  #recordCount = 0;
  #recordErrors = 0;
  #closing: Promise<void> | undefined;

  constructor(
    cluster: Cluster,
    options: ProducerOptions & Partial<Pick<TransactionalProducerOptions, 'transactionalId'>>,
  ) {
    this.#cluster = cluster;
    this.#settings = producerSettingsOf(options);
    const { bufferBytes, enableIdempotence, maxBlockMs, transactionalId } = this.#settings;
    this.#memory = new BufferMemory(bufferBytes, maxBlockMs, cluster.watch);
    this.#batches = new BatchMemory(this.#settings.batchBytes, this.#memory);
    const events: IdentityEvents = {
      changed: () => this.#delivery.drainSoon(),
      failed: (error) => this.#delivery.failUnsent(error),
    };
    if (transactionalId !== null) {
      const transaction = new Transaction(cluster, { ...this.#settings, transactionalId }, events);
      this.#transaction = transaction;
      this.#identity = transaction;
    } else this.#identity = enableIdempotence ? new IdempotentIdentity(cluster, events) : ANONYMOUS;
    this.#delivery = new Delivery(
      cluster,
      this.#settings,
      this.#identity,
      this.#memory,
      this.#batches,
    );
    cluster.users.add(this);
  }

  send(
    records: readonly ProducerRecord[],
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    return this.#send(
      {
        count: records.length,
        record: (index) => records[index],
        append: (from, call) => this.#append(records, from, call),
      },
      signal,
    );
  }

  async sendRun(
    run: ProducerRun,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    const { delivered } = await this.writeRun(writableOf(run), 0, signal);
    return { delivered };
  }

  async writeRun(
    run: WritableRun,
    from: number,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult>; readonly end: number }> {
    const count = run.count - from;
    const target = { topic: run.topic, partition: null };
    let end = run.count;
    let packed: PackedPart | undefined;
    const append = (first: number, call: SendCall): Appended => {
      let index = first;
      while (index < count) {
        if (packed === undefined || index >= packed.end) {
          const written = this.#write(run, from, index, call);
          if (written.blocked !== undefined) return written;
          if (written.index > index) {
            index = written.index;
            continue;
          }
          const part = run.packed(from + index);
          if (part === null) {
            end = from + index;
            return { index, blocked: 'form', neededBytes: 0 };
          }
          packed = { run: part, first: index, end: index + part.count };
        }
        const appended = this.#appendRun(packed.run, index - packed.first, call, packed.first);
        index = packed.first + appended.index;
        if (appended.blocked !== undefined) return { ...appended, index };
      }
      return { index, blocked: undefined, neededBytes: 0 };
    };
    const record = (index: number): Target | undefined => (index < count ? target : undefined);
    const { delivered } = await this.#send({ count, record, append }, signal);
    return { delivered, end };
  }

  async #send(
    { count, record: recordAt, append }: Sending,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    signal?.throwIfAborted();
    const { refusal } = this.#identity;
    if (refusal?.code === 'client.invalid_transaction_state') throw refusal;
    const call = new SendCall(count);
    let index = 0;
    let errors: Map<string, MillraceError> | undefined;
    if (this.#memory.isShort) await this.#memory.turn();
    for (;;) {
      if (this.#closing !== undefined) throw clientClosed('producer');
      const stop = this.#identity.refusal;
      if (stop !== undefined) {
        this.#refuseRest(call, index, count, stop);
        break;
      }
      const appended = append(index, call);
      index = appended.index;
      const record = recordAt(index);
      if (record === undefined) break;
      if (appended.blocked === 'form') {
        call.acknowledge(count - index); // these are not sent
        break;
      }
      if (appended.blocked === 'space') {
        const error = await this.#memory.waitFor(
          appended.neededBytes,
          signal,
          () => this.#delivery.drainSoon(), // nothing lingers while somebody waits
        );
        if (error === undefined) continue;
        this.#refuseRest(call, index, count, error);
        break;
      }
      const known = errors?.get(record.topic);
      const error = known ?? (await this.#learnTopic(record, signal));
      if (error === undefined) continue;
      this.#refuse(call, index, error);
      index += 1;
      if (error.code !== 'client.partition_not_known') {
        (errors ??= new Map<string, MillraceError>()).set(record.topic, error);
      }
    }
    this.#delivery.drainSoon();
    return { delivered: call.delivered };
  }

  async flush(): Promise<void> {
    await this.#delivery.flush();
  }

  metrics(): ProducerMetrics {
    const { bytes, recordErrors, requests, retries, splits } = this.#delivery.counts;
    const { bytesMax, usedBytes } = this.#memory;
    return {
      recordSendTotal: this.#recordCount,
      recordErrorTotal: recordErrors + this.#recordErrors,
      recordRetryTotal: retries,
      batchSplitTotal: splits,
      requestTotal: requests,
      outgoingByteTotal: bytes,
      requestsInFlight: this.#delivery.requestsInFlight,
      bufferTotalBytes: bytesMax,
      bufferAvailableBytes: Math.max(0, bytesMax - usedBytes),
    };
  }

  async initTransactions(signal?: AbortSignal): Promise<void> {
    await this.#mustTransact().init(signal);
  }

  beginTransaction(): void {
    if (this.#closing !== undefined) throw clientClosed('producer');
    this.#mustTransact().begin();
  }

  async sendOffsetsToTransaction(
    offsets: readonly OffsetToCommit[],
    group: GroupMetadata,
  ): Promise<void> {
    await this.#mustTransact().sendOffsets(offsets, group);
  }

  async commitTransaction(): Promise<void> {
    const transaction = this.#mustTransact();
    transaction.startCommit();
    await this.#delivery.flush();
    await transaction.end(true);
  }

  async abortTransaction(): Promise<void> {
    const transaction = this.#mustTransact();
    transaction.startAbort();
    await this.#delivery.flush(); // what is on the wire; the rest fails
    await transaction.end(false);
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
    this.#memory.letGo();
    if (this.#transaction?.isUnfinished === true) {
      const limitMs = Math.min(timeoutMs, ABORT_TIMEOUT_MS);
      await this.#cluster.watch
        .guard(this.abortTransaction(), limitMs, () => clientClosed('producer'))
        .catch(() => undefined); // the coordinator will do it after transaction.timeout.ms
    }
    await this.#delivery.close(timeoutMs);
    await this.#identity.stop();
    this.#cluster.users.delete(this);
  }

  #mustTransact(): Transaction {
    if (this.#transaction !== undefined) return this.#transaction;
    throw invalidOptions('this producer has no transactions', 'set transactional.id');
  }

  /** Copies records into batches until one has to wait. The hot path: nothing here is async. */
  #append(records: readonly ProducerRecord[], from: number, call: SendCall): Appended {
    const { form, maxRequestBytes, partitionerIgnoreKeys } = this.#settings;
    const { clock } = this.#cluster.settings;
    const memory = this.#memory;
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
        this.#refuse(call, index, recordTooLarge(record.topic, bytes, limit));
        continue;
      }
      if (!memory.hasRoom(bytes)) return { index, blocked: 'space', neededBytes: bytes };
      const partition =
        record.partition ??
        (key === null || partitionerIgnoreKeys
          ? topic.stick(bytes)
          : partitionForKey(key, topic.partitionCount));
      if (partition < 0 || partition >= topic.partitionCount) {
        return { index, blocked: 'topic', neededBytes: 0 };
      }
      const queue = topic.queue(partition);
      let batch = queue.open;
      if (batch === undefined || batch.byteLength + bytes > queue.batchBytes) {
        if (queue.isEmpty) this.#delivery.activate(queue);
        batch = queue.openBatch(monotonicMs, form, this.#batches);
      }
      batch.append(record, record.timestampMs ?? nowMs, call, index);
      batch.memoryBytes += bytes;
      memory.usedBytes += bytes;
      this.#recordCount += 1;
    }
    return { index, blocked: undefined, neededBytes: 0 };
  }

  /** Records written in place, as many as go into one batch; none where they can't be. */
  #write(run: WritableRun, from: number, index: number, call: SendCall): Appended {
    const memory = this.#memory;
    const topic = this.#findTopic(run.topic);
    if (topic === undefined) return { index, blocked: 'topic', neededBytes: 0 };
    // With several partitions the key decides, which is not there yet.
    const queue = topic.partitionCount === 1 ? topic.queue(0) : undefined;
    if (queue === undefined || queue.batchBytes < IN_PLACE_BYTES_MIN)
      return { index, blocked: undefined, neededBytes: 0 };
    if (!memory.hasRoom(IN_PLACE_BYTES_MIN))
      return { index, blocked: 'space', neededBytes: IN_PLACE_BYTES_MIN };
    const { clock } = this.#cluster.settings;
    const timestampMs = run.timestampMs ?? clock.nowMs();
    const room = memory.usedBytes === 0 ? queue.batchBytes : memory.bytesMax - memory.usedBytes;
    const open = queue.open;
    if (open !== undefined) {
      const count = this.#writeInto(open, queue, { run, from, index, call, timestampMs, room });
      if (count > 0) return { index: index + count, blocked: undefined, neededBytes: 0 };
    }
    const batch = new ProducerBatch(
      clock.monotonicMs(),
      this.#settings.form,
      this.#batches.take(queue.batchBytes),
    );
    const count = this.#writeInto(batch, queue, { run, from, index, call, timestampMs, room });
    if (count > 0) {
      if (queue.isEmpty) this.#delivery.activate(queue);
      queue.add(batch);
    } else this.#batches.give(batch.release());
    return { index: index + count, blocked: undefined, neededBytes: 0 };
  }

  #writeInto(batch: ProducerBatch, queue: PartitionQueue, writing: Writing): number {
    const { run, from, index, call, timestampMs, room } = writing;
    const before = batch.byteLength;
    const bytesMax = Math.min(queue.batchBytes, before + room);
    const count = batch.write(run, from + index, timestampMs, bytesMax, call, index);
    if (count === 0) return 0;
    const bytes = batch.byteLength - before;
    batch.memoryBytes += bytes;
    this.#memory.usedBytes += bytes;
    this.#recordCount += count;
    return count;
  }

  /** The same for records that lie together, of which the first has this index in its call. */
  #appendRun(run: ProducerRun, from: number, call: SendCall, first = 0): Appended {
    const { form, maxRequestBytes, partitionerIgnoreKeys } = this.#settings;
    const { clock } = this.#cluster.settings;
    const memory = this.#memory;
    const timestampMs = run.timestampMs ?? clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    const topic = this.#findTopic(run.topic);
    if (topic === undefined) return { index: from, blocked: 'topic', neededBytes: 0 };
    const overhead = RECORD_OVERHEAD + headerBytes(run) + constantBytes(run);
    const { at } = run;
    const goesAnywhere = !run.hasKeys || partitionerIgnoreKeys;
    for (let index = from; index < run.count; index += 1) {
      const slot = index * 4;
      const bytes =
        overhead +
        ((at[slot + 1] ?? 0) - (at[slot] ?? 0)) +
        ((at[slot + 3] ?? 0) - (at[slot + 2] ?? 0));
      if (bytes > maxRequestBytes) {
        const limit = { key: 'max.request.size', bytes: maxRequestBytes };
        this.#refuse(call, first + index, recordTooLarge(run.topic, bytes, limit));
        continue;
      }
      if (!memory.hasRoom(bytes)) return { index, blocked: 'space', neededBytes: bytes };
      const { partitionCount } = topic;
      const partition = goesAnywhere
        ? topic.stick(bytes)
        : partitionCount === 1
          ? 0
          : partitionForKey(packedKey(run, index), partitionCount);
      const queue = topic.queue(partition);
      let batch = queue.open;
      if (batch === undefined || batch.byteLength + bytes > queue.batchBytes) {
        if (queue.isEmpty) this.#delivery.activate(queue);
        batch = queue.openBatch(monotonicMs, form, this.#batches);
      }
      batch.appendPacked(run, index, timestampMs, call, first + index);
      batch.memoryBytes += bytes;
      memory.usedBytes += bytes;
      this.#recordCount += 1;
    }
    return { index: run.count, blocked: undefined, neededBytes: 0 };
  }

  #refuse(call: SendCall, index: number, error: MillraceError): void {
    this.#recordErrors += 1;
    this.#identity.onBatchFailed(error, false);
    call.fail(index, error);
  }

  #refuseRest(call: SendCall, from: number, end: number, error: MillraceError): void {
    for (let index = from; index < end; index += 1) this.#refuse(call, index, error);
  }

  #findTopic(name: string): TopicQueues | undefined {
    const partitionCount = this.#cluster.findTopic(name)?.partitions.length ?? 0;
    if (partitionCount === 0) return undefined;
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new TopicQueues(name, this.#settings.batchBytes, this.#cluster);
      this.#topics.set(name, topic);
    }
    topic.partitionCount = partitionCount;
    return topic;
  }

  /** Makes the topic known, or says why its record can't be sent. Rejects only when aborted. */
  async #learnTopic(
    record: Target,
    signal: AbortSignal | undefined,
  ): Promise<MillraceError | undefined> {
    this.#delivery.drainSoon(); // what is buffered already need not wait for this
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
}

function constantBytes({ keyStart, keyEnd, valueStart, valueEnd }: ProducerRun): number {
  return keyStart.byteLength + keyEnd.byteLength + valueStart.byteLength + valueEnd.byteLength;
}

function headerBytes(record: Pick<ProducerRecord, 'headers'>): number {
  let bytes = 0;
  for (const { key, value } of record.headers) {
    bytes += HEADER_OVERHEAD + key.length + (value === null ? 0 : value.byteLength);
  }
  return bytes;
}
