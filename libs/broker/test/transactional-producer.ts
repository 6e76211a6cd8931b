import { apis, ErrorCode, type AddPartitionsToTxnResponse } from '@millrace/kafka-protocol';
import { batchOf, type RawClient } from './broker-context.ts';

/** Lets the disk work: in process, a request that is refused at once is answered in the same turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const WAIT_MS_MAX = 60_000;

/** Markers follow the answer to EndTxn; this waits for what they bring, and gives what is there when it does not come. */
export async function eventually<T>(
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  const endMs = Date.now() + WAIT_MS_MAX;
  let value = await read();
  while (!isWanted(value) && Date.now() < endMs) {
    await turn();
    value = await read();
  }
  return value;
}

/** Asks until the transaction before has ended: that is no failure of anybody. */
function comingAgain<T>(ask: () => Promise<T>, codeOf: (answer: T) => number): Promise<T> {
  return eventually(ask, (answer) => codeOf(answer) !== ErrorCode.CONCURRENT_TRANSACTIONS);
}

function addedCode({
  resultsByTopicV3AndBelow: [result],
}: Pick<AddPartitionsToTxnResponse, 'resultsByTopicV3AndBelow'>): number {
  return result?.resultsByPartition[0]?.partitionErrorCode ?? -1;
}

/** A transactional producer by hand: every request as it is, every error code as it comes. */
export class TransactionalProducer {
  readonly transactionalId: string;
  readonly #client: RawClient;
  readonly #sequences = new Map<string, number>();
  producerId = -1;
  epoch = -1;

  constructor(client: RawClient, transactionalId: string) {
    this.#client = client;
    this.transactionalId = transactionalId;
  }

  get #producer(): { transactionalId: string; producerId: number; producerEpoch: number } {
    const { transactionalId, producerId, epoch } = this;
    return { transactionalId, producerId, producerEpoch: epoch };
  }

  /** A new producer, or with `isRecovery` one that goes on after an error. Waits while it is told to come again. */
  async init(
    options: { isRecovery?: boolean; timeoutMs?: number; version?: number } = {},
  ): Promise<number> {
    const { isRecovery = false, timeoutMs = 60_000, version } = options;
    const answer = await comingAgain(
      () =>
        this.#client.ask(
          apis.initProducerId,
          {
            transactionalId: this.transactionalId,
            transactionTimeoutMs: timeoutMs,
            ...(isRecovery ? { producerId: this.producerId, producerEpoch: this.epoch } : {}),
          },
          version,
        ),
      ({ errorCode }) => errorCode,
    );
    if (answer.errorCode === 0) {
      this.producerId = answer.producerId;
      this.epoch = answer.producerEpoch;
      this.#sequences.clear();
    }
    return answer.errorCode;
  }

  /** The way of clients before KIP-890. */
  async addPartitions(
    topic: string,
    partitions: readonly number[] = [0],
    version = 3,
  ): Promise<number> {
    const { resultsByTopicV3AndBelow: results } = await comingAgain(
      () =>
        this.#client.ask(
          apis.addPartitionsToTxn,
          {
            v3AndBelowTransactionalId: this.transactionalId,
            v3AndBelowProducerId: this.producerId,
            v3AndBelowProducerEpoch: this.epoch,
            v3AndBelowTopics: [{ name: topic, partitions }],
          },
          version,
        ),
      addedCode,
    );
    return addedCode({ resultsByTopicV3AndBelow: results });
  }

  async produce(
    topic: string,
    values: readonly string[],
    options: { partition?: number; version?: number } = {},
  ): Promise<{ errorCode: number; baseOffset: number }> {
    const { partition = 0, version = 11 } = options;
    const key = `${topic}-${partition}`;
    const baseSequence = this.#sequences.get(key) ?? 0;
    const records = batchOf(values, {
      producerId: this.producerId,
      producerEpoch: this.epoch,
      baseSequence,
      isTransactional: true,
    });
    const answer = await comingAgain(
      async () => {
        const { responses } = await this.#client.ask(
          apis.produce,
          {
            transactionalId: this.transactionalId,
            acks: -1,
            // In process the broker takes the bytes over.
            topicData: [
              { name: topic, partitionData: [{ index: partition, records: records.slice() }] },
            ],
          },
          version,
        );
        const [produced] = responses[0]?.partitionResponses ?? [];
        if (produced === undefined) throw new Error('a produce without an answer');
        return produced;
      },
      ({ errorCode }) => errorCode,
    );
    if (answer.errorCode === 0) this.#sequences.set(key, baseSequence + values.length);
    return answer;
  }

  async addOffsets(groupId: string, version = 3): Promise<number> {
    const { errorCode } = await comingAgain(
      () => this.#client.ask(apis.addOffsetsToTxn, { ...this.#producer, groupId }, version),
      (answer) => answer.errorCode,
    );
    return errorCode;
  }

  async commitOffset(
    groupId: string,
    topic: string,
    committedOffset: number,
    options: { version?: number; memberId?: string; generationId?: number } = {},
  ): Promise<number> {
    const { version = 4, ...member } = options;
    return comingAgain(
      async () => {
        const { topics } = await this.#client.ask(
          apis.txnOffsetCommit,
          {
            ...this.#producer,
            groupId,
            ...member,
            topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset }] }],
          },
          version,
        );
        return topics[0]?.partitions[0]?.errorCode ?? -1;
      },
      (errorCode) => errorCode,
    );
  }

  /** From version 5 on the producer goes on with the epoch that it is given. */
  async end(committed: boolean, version = 4): Promise<number> {
    const answer = await comingAgain(
      () => this.#client.ask(apis.endTxn, { ...this.#producer, committed }, version),
      ({ errorCode }) => errorCode,
    );
    if (answer.errorCode === 0 && version >= 5) {
      this.producerId = answer.producerId;
      this.epoch = answer.producerEpoch;
      this.#sequences.clear();
    }
    return answer.errorCode;
  }
}
