import {
  BATCH_OVERHEAD,
  ErrorCode,
  isTransactional,
  readBatchHeader,
  type ProduceRequest,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import { admitWrites, type WriteCode, type WriteTerms } from './admit-writes.ts';

const TERMS: WriteTerms = {
  abortableSince: 11,
  implicitSince: 12,
  retriableCode: ErrorCode.NOT_ENOUGH_REPLICAS,
};

const MAGIC_AT = 16;

/** Which partitions of a transactional Produce request may be written to. */
export function admitProduce(
  request: ProduceRequest,
  transactionalId: string,
  { core, version }: Call,
): WriteCode | Promise<WriteCode> {
  if (transactionalId === '') return () => ErrorCode.INVALID_REQUEST;
  const partitions = new Map<string, Set<number>>();
  let producer: { readonly producerId: number; readonly epoch: number } | undefined;
  for (const { name, partitionData } of request.topicData) {
    for (const { index, records } of partitionData) {
      if (records === null || !core.topics.hasPartition(name, index)) continue;
      if (records.byteLength < BATCH_OVERHEAD || records[MAGIC_AT] !== 2) continue;
      const { attributes, producerId, producerEpoch } = readBatchHeader(records, 0);
      // A batch without the mark is none of the transaction's business, as in Kafka.
      if (!isTransactional(attributes)) continue;
      if (producer !== undefined && producer.producerId !== producerId)
        return () => ErrorCode.INVALID_PRODUCER_ID_MAPPING;
      producer = { producerId, epoch: producerEpoch };
      const numbers = partitions.get(name) ?? new Set<number>();
      numbers.add(index);
      partitions.set(name, numbers);
    }
  }
  if (producer === undefined) return () => ErrorCode.NONE;
  const admitted = admitWrites(core, TERMS, version, { transactionalId, ...producer, partitions });
  return admitted instanceof Promise
    ? admitted.then((code) => onlyFor(partitions, code))
    : onlyFor(partitions, admitted);
}

function onlyFor(partitions: ReadonlyMap<string, ReadonlySet<number>>, code: WriteCode): WriteCode {
  return (topic, partition) =>
    partitions.get(topic)?.has(partition) === true ? code(topic, partition) : ErrorCode.NONE;
}
