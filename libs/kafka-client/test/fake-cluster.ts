import { deferred, MillraceError, systemClock, type Deferred } from '@millrace/foundation';
import {
  apis,
  decodeRecords,
  ErrorCode,
  openBatch,
  patchBaseOffset,
  readBatchHeader,
  type AddPartitionsToTxnRequest,
  type Api,
  type ConsumerGroupHeartbeatRequest,
  type FetchRequest,
  type FetchResponse,
  type InitProducerIdRequest,
  type JoinGroupRequest,
  type OffsetCommitRequest,
  type ProduceRequest,
  type ProduceResponse,
  type SyncGroupRequest,
  type TxnOffsetCommitRequest,
} from '@millrace/kafka-protocol';
import type { BrokerAddress, Connection, Transport } from '../src/transport.ts';

/** What befalls the next request of an api. */
export type Fault =
  /** The request has no effect; its answer has this error (for each partition, or at the top). */
  | { readonly kind: 'error'; readonly errorCode: number }
  /** The connection ends before the request has an effect. */
  | { readonly kind: 'lost-request' }
  /** The request has its effect, but the connection ends before the answer. */
  | { readonly kind: 'lost-answer' }
  /** Neither effect nor answer. */
  | { readonly kind: 'silence' };

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

interface Partition {
  readonly batches: Uint8Array[];
  endOffset: number;
  readonly producers: Map<number, { epoch: number; nextSequence: number; recent: number[] }>;
}

type Handler = (request: never, fault: number) => unknown;

/** One broker in memory that checks idempotent sequences as Kafka does, keeps one group, and fails on demand. */
export class FakeCluster implements Transport {
  readonly requests: { readonly api: string; readonly request: unknown }[] = [];
  readonly #topics = new Map<string, Partition[]>();
  readonly #faults = new Map<string, (Fault | undefined)[]>();
  readonly #connections = new Set<FakeConnection>();
  readonly committed = new Map<string, number>();
  batchBytesMax = Infinity;
  connectCount = 0;
  generation = 0;
  /** 2: the transactions of KIP-890. */
  transactionVersion = 2;
  /** Of the transactional producer. */
  producerEpoch = -1;
  #arrived = deferred();
  /** What the one member of a consumer-protocol group shall hold. */
  target: readonly number[] = [];
  hasNewTarget = false;
  memberEpoch = 0;

  createTopic(name: string, partitionCount = 1): void {
    this.#topics.set(
      name,
      Array.from({ length: partitionCount }, () => ({
        batches: [],
        endOffset: 0,
        producers: new Map(),
      })),
    );
  }

  /** In the order of the requests; `undefined` lets one pass. */
  fail(api: string, ...faults: readonly (Fault | undefined)[]): void {
    this.#faults.set(api, [...(this.#faults.get(api) ?? []), ...faults]);
  }

  dropConnections(): void {
    for (const connection of this.#connections) void connection.close();
  }

  count(api: string): number {
    return this.requests.filter((one) => one.api === api).length;
  }

  async values(topic: string, partition = 0): Promise<string[]> {
    const values: string[] = [];
    for (const batch of this.#topics.get(topic)?.[partition]?.batches ?? []) {
      for (const record of decodeRecords(await openBatch(batch))) {
        values.push(Buffer.from(record.value ?? []).toString());
      }
    }
    return values;
  }

  /** As retention would: offsets below are gone. */
  truncateBefore(topic: string, offset: number): void {
    const partition = this.#topics.get(topic)?.[0];
    while (partition !== undefined && (partition.batches[0] ?? undefined) !== undefined) {
      const [first] = partition.batches;
      if (first === undefined || readBatchHeader(first, 0).baseOffset >= offset) return;
      partition.batches.shift();
    }
  }

  retarget(partitions: readonly number[]): void {
    this.target = partitions;
    this.hasNewTarget = true;
    this.memberEpoch += 1;
  }

  forgetProducers(topic: string): void {
    for (const partition of this.#topics.get(topic) ?? []) partition.producers.clear();
  }

  append(topic: string, partition: number, batch: Uint8Array): number {
    const log = this.#topics.get(topic)?.[partition];
    if (log === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    if (batch.byteLength > this.batchBytesMax) return ErrorCode.MESSAGE_TOO_LARGE;
    const bytes = Buffer.from(batch);
    const header = readBatchHeader(bytes, 0);
    if (header.producerId >= 0) {
      const known = log.producers.get(header.producerId);
      if (known === undefined || header.producerEpoch > known.epoch) {
        if (header.baseSequence !== 0 && known === undefined) return ErrorCode.UNKNOWN_PRODUCER_ID;
        if (header.baseSequence !== 0) return ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
        log.producers.set(header.producerId, {
          epoch: header.producerEpoch,
          nextSequence: header.recordCount,
          recent: [0],
        });
      } else {
        if (header.producerEpoch < known.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH;
        if (known.recent.includes(header.baseSequence)) return ErrorCode.NONE;
        if (header.baseSequence !== known.nextSequence) {
          return ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        known.nextSequence += header.recordCount;
        known.recent = [...known.recent, header.baseSequence].slice(-5);
      }
    }
    patchBaseOffset(bytes, 0, log.endOffset);
    log.endOffset += header.recordCount;
    log.batches.push(bytes);
    this.#arrived.resolve();
    this.#arrived = deferred();
    return ErrorCode.NONE;
  }

  connect(_address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    this.connectCount += 1;
    const connection = new FakeConnection(this);
    this.#connections.add(connection);
    return Promise.resolve(connection);
  }

  async answer(connection: FakeConnection, api: string, request: unknown): Promise<unknown> {
    this.requests.push({ api, request });
    const fault = this.#faults.get(api)?.shift();
    if (fault?.kind === 'lost-request') {
      void connection.close();
      return await new Promise(() => undefined);
    }
    if (fault?.kind === 'silence') return await new Promise(() => undefined);
    const handler = this.#handlers[api];
    if (handler === undefined) throw new Error(`the fake has no ${api}`);
    const answer = await handler(request as never, fault?.kind === 'error' ? fault.errorCode : 0);
    if (fault?.kind === 'lost-answer') {
      void connection.close();
      return await new Promise(() => undefined);
    }
    return answer;
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    Metadata: () =>
      apis.metadata.completeResponse({
        brokers: [{ nodeId: 1, host: 'fake', port: 1 }],
        clusterId: 'fake',
        controllerId: 1,
        topics: [...this.#topics].map(([name, partitions]) => ({
          errorCode: 0,
          name,
          topicId: TOPIC_ID,
          partitions: partitions.map((_partition, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: 1,
            leaderEpoch: 0,
            replicaNodes: [1],
            isrNodes: [1],
          })),
        })),
      }),
    InitProducerId: (request: InitProducerIdRequest, errorCode) => {
      if (request.transactionalId !== null && errorCode === 0) this.producerEpoch += 1;
      return apis.initProducerId.completeResponse({
        errorCode,
        producerId: 7,
        producerEpoch: request.transactionalId === null ? 0 : this.producerEpoch,
      });
    },
    ApiVersions: () =>
      apis.apiVersions.completeResponse({
        errorCode: 0,
        apiKeys: [],
        finalizedFeatures: [
          {
            name: 'transaction.version',
            minVersionLevel: this.transactionVersion,
            maxVersionLevel: this.transactionVersion,
          },
        ],
      }),
    AddPartitionsToTxn: (request: AddPartitionsToTxnRequest, errorCode) =>
      apis.addPartitionsToTxn.completeResponse({
        resultsByTopicV3AndBelow: request.v3AndBelowTopics.map(({ name, partitions }) => ({
          name,
          resultsByPartition: partitions.map((partitionIndex) => ({
            partitionIndex,
            partitionErrorCode: errorCode,
          })),
        })),
      }),
    AddOffsetsToTxn: (_request, errorCode) => apis.addOffsetsToTxn.completeResponse({ errorCode }),
    TxnOffsetCommit: (request: TxnOffsetCommitRequest, errorCode) =>
      apis.txnOffsetCommit.completeResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      }),
    EndTxn: (_request, errorCode) => {
      if (errorCode === 0 && this.transactionVersion >= 2) this.producerEpoch += 1;
      return apis.endTxn.completeResponse({
        errorCode,
        producerId: 7,
        producerEpoch: this.producerEpoch,
      });
    },
    Produce: (request: ProduceRequest, errorCode): ProduceResponse =>
      apis.produce.completeResponse({
        responses: request.topicData.map(({ name, partitionData }) => ({
          name,
          partitionResponses: partitionData.map(({ index, records }) => ({
            index,
            errorCode:
              errorCode === 0 ? this.append(name, index, records ?? new Uint8Array()) : errorCode,
            baseOffset: 0,
          })),
        })),
      }),
    ListOffsets: (request: {
      topics: { name: string; partitions: { partitionIndex: number; timestamp: number }[] }[];
    }) =>
      apis.listOffsets.completeResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex, timestamp }) => {
            const log = this.#topics.get(name)?.[partitionIndex];
            const [first] = log?.batches ?? [];
            const start =
              first === undefined ? (log?.endOffset ?? 0) : readBatchHeader(first, 0).baseOffset;
            return {
              partitionIndex,
              errorCode: 0,
              offset: timestamp === -2 ? start : (log?.endOffset ?? 0),
            };
          }),
        })),
      }),
    Fetch: async (request: FetchRequest, errorCode) => {
      const answer = this.#fetch(request, errorCode);
      const isEmpty = answer.responses.every(({ partitions }) =>
        partitions.every((one) => one.errorCode === 0 && (one.records?.byteLength ?? 0) === 0),
      );
      if (!isEmpty) return answer;
      const enough = new AbortController();
      await Promise.race([
        this.#arrived.promise,
        systemClock.sleep(request.maxWaitMs, enough.signal),
      ]).finally(() => enough.abort());
      return this.#fetch(request, 0);
    },
    FindCoordinator: (request: { coordinatorKeys: readonly string[] }, errorCode) =>
      apis.findCoordinator.completeResponse({
        coordinators: request.coordinatorKeys.map((key) => ({
          key,
          nodeId: 1,
          host: 'fake',
          port: 1,
          errorCode,
        })),
      }),
    JoinGroup: (request: JoinGroupRequest, errorCode) => {
      if (errorCode !== 0) {
        return apis.joinGroup.completeResponse({ errorCode, memberId: request.memberId });
      }
      if (request.memberId === '') {
        return apis.joinGroup.completeResponse({
          errorCode: ErrorCode.MEMBER_ID_REQUIRED,
          memberId: `member-${this.count('JoinGroup')}`,
        });
      }
      this.generation += 1;
      const [protocol] = request.protocols;
      return apis.joinGroup.completeResponse({
        errorCode: 0,
        generationId: this.generation,
        protocolType: 'consumer',
        protocolName: protocol?.name ?? '',
        leader: request.memberId,
        memberId: request.memberId,
        members: [{ memberId: request.memberId, metadata: protocol?.metadata ?? new Uint8Array() }],
      });
    },
    SyncGroup: (request: SyncGroupRequest, errorCode) =>
      apis.syncGroup.completeResponse({
        errorCode,
        assignment: request.assignments[0]?.assignment ?? new Uint8Array(),
      }),
    Heartbeat: (_request, errorCode) => apis.heartbeat.completeResponse({ errorCode }),
    ConsumerGroupHeartbeat: (request: ConsumerGroupHeartbeatRequest, errorCode) => {
      if (request.memberEpoch >= 0 && errorCode === 0 && request.memberEpoch === 0) {
        this.memberEpoch += 1;
      }
      const isNews = errorCode === 0 && (request.memberEpoch === 0 || this.hasNewTarget);
      if (isNews) this.hasNewTarget = false;
      return apis.consumerGroupHeartbeat.completeResponse({
        errorCode,
        memberId: request.memberId,
        memberEpoch: this.memberEpoch,
        heartbeatIntervalMs: 5,
        assignment: isNews
          ? { topicPartitions: [{ topicId: TOPIC_ID, partitions: [...this.target] }] }
          : null,
      });
    },
    LeaveGroup: (_request, errorCode) => apis.leaveGroup.completeResponse({ errorCode }),
    OffsetCommit: (request: OffsetCommitRequest, fault) => {
      const isStale =
        this.memberEpoch > 0 && request.generationIdOrMemberEpoch !== this.memberEpoch;
      const errorCode = isStale ? ErrorCode.STALE_MEMBER_EPOCH : fault;
      for (const { name, partitions } of request.topics) {
        for (const { committedOffset, partitionIndex } of partitions) {
          if (errorCode === 0) this.committed.set(`${name}-${partitionIndex}`, committedOffset);
        }
      }
      return apis.offsetCommit.completeResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      });
    },
    OffsetFetch: (
      request: {
        groups: {
          groupId: string;
          topics: { name: string; partitionIndexes: number[] }[] | null;
        }[];
      },
      errorCode,
    ) =>
      apis.offsetFetch.completeResponse({
        groups: request.groups.map(({ groupId, topics }) => ({
          groupId,
          errorCode,
          topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
            name,
            partitions: partitionIndexes.map((partitionIndex) => ({
              partitionIndex,
              committedOffset: this.committed.get(`${name}-${partitionIndex}`) ?? -1,
              errorCode: 0,
            })),
          })),
        })),
      }),
  };

  #fetch(request: FetchRequest, errorCode: number): FetchResponse {
    return apis.fetch.completeResponse({
      responses: request.topics.map(({ partitions, topic }) => ({
        topic,
        topicId: TOPIC_ID,
        partitions: partitions.map(({ fetchOffset, partition }) => {
          const log = this.#topics.get(topic)?.[partition];
          const batches = log?.batches ?? [];
          const [first] = batches;
          const start =
            first === undefined ? (log?.endOffset ?? 0) : readBatchHeader(first, 0).baseOffset;
          const isOutside = fetchOffset < start || fetchOffset > (log?.endOffset ?? 0);
          return {
            partitionIndex: partition,
            errorCode: errorCode === 0 && isOutside ? ErrorCode.OFFSET_OUT_OF_RANGE : errorCode,
            highWatermark: log?.endOffset ?? 0,
            records: Buffer.concat(
              batches.filter((batch) => {
                const header = readBatchHeader(batch, 0);
                return header.baseOffset + header.lastOffsetDelta >= fetchOffset;
              }),
            ),
          };
        }),
      })),
    });
  }
}

class FakeConnection implements Connection {
  readonly versions = new Map(
    Object.values(apis).map((api): [number, { min: number; max: number }] => [
      api.key,
      { min: api.minVersion, max: api.maxVersion },
    ]),
  );
  readonly #cluster: FakeCluster;
  readonly #closed = new AbortController();
  readonly #waiting = new Set<Deferred<unknown>>();

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async send<Req, Res>(api: Api<Req, Res>, _version: number, request: Req): Promise<Res> {
    if (this.#closed.signal.aborted) throw lost();
    const outcome = deferred<unknown>();
    this.#waiting.add(outcome);
    this.#cluster.answer(this, api.name, request).then(
      (answer) => outcome.resolve(answer),
      (error: unknown) => outcome.reject(error),
    );
    try {
      return (await outcome.promise) as Res;
    } finally {
      this.#waiting.delete(outcome);
    }
  }

  sendOneWay<Req, Res>(api: Api<Req, Res>, _version: number, request: Req): void {
    void this.#cluster.answer(this, api.name, request);
  }

  close(): Promise<void> {
    this.#closed.abort();
    for (const waiting of this.#waiting) waiting.reject(lost());
    return Promise.resolve();
  }
}

function lost(): MillraceError {
  return new MillraceError({ code: 'client.connection_lost', retry: 'retriable', message: 'lost' });
}
