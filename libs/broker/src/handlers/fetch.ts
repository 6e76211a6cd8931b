import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type FetchRequest,
  type FetchRequestPartition,
  type FetchResponseInput,
  type FetchResponsePartitionInput,
} from '@millrace/kafka-protocol';
import { isAborted } from '@millrace/foundation';
import type { PartitionLog, ReadResult } from '@millrace/log';
import { checkLeaderEpoch, openPartition, type BrokerCore, type Call } from '../core.ts';
import type { FetchContext } from '../fetch/fetch-sessions.ts';
import type { Loan } from '../network/read-buffers.ts';
import { mayFetch } from '../security/guards/record-guards.ts';
import { serve, type ServedApi } from '../served-api.ts';

const READ_COMMITTED = 1;
const EMPTY = new Uint8Array(0);
/** One for all: making an AbortError each time is dear. */
const ENDED = new Error('the long poll has ended');
/** From this version on topics are named by id. */
const TOPIC_IDS_SINCE = 13;

export const fetchHandler: ServedApi = serve(apis.fetch, fetchRecords);

interface Wanted {
  readonly request: FetchRequestPartition;
  /** The log, or the error code to answer. */
  readonly log: PartitionLog | number;
}

interface WantedTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly Wanted[];
}

interface Round {
  readonly responses: FetchResponseInput['responses'];
  readonly bytes: number;
  /** Something is to be said that is no reason to wait: an error, or more data than fits. */
  readonly isUrgent: boolean;
  /** The memory of the records can be used again. */
  readonly giveBack: () => void;
  /** The memory of the records belongs to the receiver. */
  readonly handOver: () => void;
}

/** Long poll: answers as soon as there is enough, something to complain about, or no time left. */
async function fetchRecords(request: FetchRequest, call: Call): Promise<FetchResponseInput> {
  const { core } = call;
  const context = core.fetchSessions.contextFor(request, call.version, core.clock.nowMs());
  if (typeof context === 'number') return { errorCode: context, responses: [] };
  if (context.topics.length === 0) return context.finish([]);
  const wanted = await findWanted(context.topics, isOfReplica(request), call);
  const bytesMax = Math.min(request.maxBytes, core.settings.values['fetch.max.bytes']);
  const minBytes = Math.min(request.minBytes, bytesMax);
  const first = await readRound(request, wanted, call, bytesMax);
  if (isEnough(first, minBytes) || request.maxWaitMs <= 0) return answer(first, context, call);
  first.giveBack();
  return answer(await poll(request, wanted, call, bytesMax, minBytes), context, call);
}

function isEnough(round: Round, minBytes: number): boolean {
  return round.isUrgent || round.bytes >= minBytes;
}

function answer(round: Round, context: FetchContext, call: Call): FetchResponseInput {
  countRead(round.responses, call.core);
  const response = context.finish(round.responses);
  if (response.errorCode !== ErrorCode.NONE) {
    round.giveBack();
    return response;
  }
  if (!call.isEncoded) round.handOver();
  // INV-6: counts until the reader has taken it; while much is on its way, rounds are small.
  call.onSent(() => round.giveBack());
  return response;
}

function countRead(responses: Round['responses'], { topics, counters }: BrokerCore): void {
  for (const { topic, topicId, partitions } of responses) {
    const entry = topic === '' ? topics.findById(topicId ?? '') : topics.find(topic ?? '');
    let [bytes, failures] = [0, 0];
    for (const { errorCode, records } of partitions) {
      bytes += records?.byteLength ?? 0;
      if (errorCode !== ErrorCode.NONE) failures += 1;
    }
    if (entry === undefined) {
      counters.topics.addUnknown('failedFetchRequests', failures);
      counters.topics.addUnknown('fetchRequests', partitions.length);
      continue;
    }
    counters.topics.add(entry.name, 'fetchRequests', partitions.length);
    if (failures > 0) counters.topics.add(entry.name, 'failedFetchRequests', failures);
    if (bytes > 0) counters.topics.add(entry.name, 'bytesOut', bytes);
  }
}

async function poll(
  request: FetchRequest,
  wanted: readonly WantedTopic[],
  call: Call,
  bytesMax: number,
  minBytes: number,
): Promise<Round> {
  const { core } = call;
  const waiter = new LogWaiter(wanted);
  const ended = new AbortController();
  const { signal } = ended;
  const stop = (): void => waiter.stop();
  core.clock.sleep(request.maxWaitMs, signal).then(stop, () => undefined); // answered before
  const { hurry, signal: gone } = call.context;
  // Who hears of what thousands wait for is added slowly; in process the connection ends with the broker.
  const reasons = call.isEncoded ? [core.closing, gone] : [gone];
  if (hurry !== undefined) reasons.push(hurry);
  for (const reason of reasons) {
    reason.addEventListener('abort', stop, { once: true, signal });
    if (isAborted(reason)) stop();
  }
  try {
    for (;;) {
      // What was appended since the first round is not missed: the listeners came before this one.
      const round = await readRound(request, wanted, call, bytesMax);
      // A round that is too small is dropped and read again later, so that waiting holds no memory.
      if (waiter.isStopped || isEnough(round, minBytes)) return round;
      round.giveBack();
      await waiter.wait();
    }
  } finally {
    ended.abort(ENDED);
    waiter.close();
  }
}

/** Woken when any of the logs can show more, or is gone. */
class LogWaiter {
  readonly #unsubscribe: (() => void)[] = [];
  #isWoken = false;
  #isStopped = false;
  #resolve: (() => void) | undefined;

  constructor(wanted: readonly WantedTopic[]) {
    const wake = (): void => this.wake();
    for (const { partitions } of wanted) {
      for (const { log } of partitions) {
        if (typeof log !== 'number') this.#unsubscribe.push(log.onHighWatermark(wake));
      }
    }
  }

  /** There is no more time, or nobody who waits. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#isWoken = false;
    this.#resolve = undefined;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}

/** Who says to be a follower: none of our partitions has any. */
function isOfReplica({ replicaId, replicaState }: FetchRequest): boolean {
  return Math.max(replicaId, replicaState.replicaId) >= 0;
}

async function findWanted(
  asked: FetchRequest['topics'],
  isReplica: boolean,
  call: Call,
): Promise<readonly WantedTopic[]> {
  const { core, version } = call;
  const topics: WantedTopic[] = [];
  for (const { topic, topicId, partitions } of asked) {
    const isById = version >= TOPIC_IDS_SINCE;
    const entry = isById ? core.topics.findById(topicId) : core.topics.find(topic);
    const found: Wanted[] = [];
    for (const partition of partitions) {
      const log =
        entry === undefined && isById
          ? ErrorCode.UNKNOWN_TOPIC_ID
          : !mayFetch(call, entry?.name ?? topic)
            ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
            : await openPartition(core, entry?.name ?? topic, partition.partition);
      const isUnfit = isReplica && typeof log !== 'number';
      found.push({
        request: partition,
        log: isUnfit ? ErrorCode.NOT_LEADER_OR_FOLLOWER : log,
      });
    }
    // Named as it was asked for, in both transports: by name or, later, by id alone.
    topics.push(
      isById
        ? { topic: '', topicId, partitions: found }
        : { topic, topicId: ZERO_UUID, partitions: found },
    );
  }
  return topics;
}

/**
 * Reads each partition once, in the order asked, until the bytes are used up. INV-6: what is read counts from before
 * it is read, since thousands of connections may do so at the same time. Nothing more is read for a client who is
 * gone, or by a broker that closes.
 */
async function readRound(
  request: FetchRequest,
  wanted: readonly WantedTopic[],
  call: Call,
  requestBytesMax: number,
): Promise<Round> {
  const { core } = call;
  // In process the bytes themselves are handed over and belong to the receiver.
  const lent = call.isEncoded ? undefined : call.context.memory?.borrow();
  const loan = call.isEncoded ? core.readBuffers.borrow() : lent;
  const isCommitted = request.isolationLevel === READ_COMMITTED;
  const { responseBudget } = core;
  let bytes = 0;
  let isUrgent = false;
  const responses: { topic: string; topicId: string; partitions: FetchResponsePartitionInput[] }[] =
    [];
  for (const { topic, topicId, partitions } of wanted) {
    const answers: FetchResponsePartitionInput[] = [];
    for (const each of partitions) {
      if (isAborted(core.closing) || isAborted(call.context.signal)) break;
      // KIP-74: the very first batch is given whole, so that a large one can pass at all.
      const isFirst = bytes === 0;
      const leftBytes = Math.min(
        Math.max(0, requestBytesMax - bytes),
        each.request.partitionMaxBytes,
        responseBudget.free,
        typeof each.log === 'number' ? 0 : each.log.bytes,
      );
      responseBudget.take(leftBytes);
      const read = await readPartition(each, core, { isCommitted, leftBytes, isFirst, loan });
      const size = read.records?.byteLength ?? 0;
      responseBudget.giveBack(leftBytes - size);
      bytes += size;
      if (read.errorCode !== ErrorCode.NONE || read.divergingEpoch !== undefined || read.hasMore)
        isUrgent = true;
      answers.push(read);
    }
    responses.push({ topic, topicId, partitions: answers });
  }
  let left = bytes;
  const giveBack = (): void => {
    responseBudget.giveBack(left);
    left = 0;
    loan?.giveBack();
  };
  return { responses, bytes, isUrgent, giveBack, handOver: () => lent?.keep() };
}

interface ReadTerms {
  readonly isCommitted: boolean;
  /** What this partition may give. */
  readonly leftBytes: number;
  readonly isFirst: boolean;
  readonly loan: Loan | undefined;
}

type PartitionRead = FetchResponsePartitionInput & { readonly hasMore: boolean };

async function readPartition(
  { request, log }: Wanted,
  core: BrokerCore,
  { isCommitted, leftBytes, isFirst, loan }: ReadTerms,
): Promise<PartitionRead> {
  const { partition, fetchOffset, currentLeaderEpoch } = request;
  if (typeof log === 'number') return { ...failed(partition, log), abortedTransactions: [] };
  const epochProblem = checkLeaderEpoch(core, log, currentLeaderEpoch);
  if (epochProblem !== ErrorCode.NONE) return failed(partition, epochProblem);
  const diverging = findDivergence(request, log);
  // An epoch that was never here says nothing about where the reader's records part from ours.
  if (diverging === 'unknown-epoch') return failed(partition, ErrorCode.OFFSET_OUT_OF_RANGE);
  if (diverging !== undefined) {
    return {
      ...described(partition, log),
      divergingEpoch: diverging,
      records: EMPTY,
      hasMore: false,
    };
  }
  let result: ReadResult | 'offset-out-of-range';
  try {
    // INV-5: nothing above the high watermark, for committed readers nothing above the last stable offset.
    result = await log.read(fetchOffset, leftBytes, {
      minOneMessage: isFirst,
      upTo: isCommitted ? 'last-stable' : 'high-watermark',
      ...(loan === undefined ? {} : { allocate: (bytes: number) => loan.allocate(bytes) }),
    });
  } catch (error) {
    return failed(partition, readErrorCode(core, log, error));
  }
  if (result === 'offset-out-of-range') return failed(partition, ErrorCode.OFFSET_OUT_OF_RANGE);
  const limit = isCommitted ? result.lastStableOffset : result.highWatermark;
  return {
    partitionIndex: partition,
    errorCode: ErrorCode.NONE,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    abortedTransactions: isCommitted
      ? log
          .abortedTransactions(fetchOffset, result.nextOffset)
          .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
      : null,
    records: result.bytes,
    hasMore: result.bytes.byteLength > 0 && result.nextOffset < limit,
  };
}

function findDivergence(
  { lastFetchedEpoch, fetchOffset }: FetchRequestPartition,
  log: PartitionLog,
): { readonly epoch: number; readonly endOffset: number } | 'unknown-epoch' | undefined {
  if (lastFetchedEpoch < 0) return undefined;
  const end = log.endOffsetForEpoch(lastFetchedEpoch);
  if (end === undefined) return 'unknown-epoch';
  const isSame = end.epoch === lastFetchedEpoch && end.endOffset >= fetchOffset;
  return isSame ? undefined : end;
}

function described(partitionIndex: number, log: PartitionLog): FetchResponsePartitionInput {
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    records: EMPTY,
  };
}

/** A log that was closed belongs to a topic that is gone; any other failure is the disk's. */
function readErrorCode(core: BrokerCore, log: PartitionLog, error: unknown): number {
  if (core.logs.find(log.topic, log.partition) !== log || isAborted(core.closing))
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  core.log.warn(
    { topic: log.topic, partition: log.partition, err: error },
    'a log could not be read',
  );
  return ErrorCode.KAFKA_STORAGE_ERROR;
}

function failed(partitionIndex: number, errorCode: number): PartitionRead {
  return { partitionIndex, errorCode, highWatermark: -1, records: EMPTY, hasMore: false };
}
