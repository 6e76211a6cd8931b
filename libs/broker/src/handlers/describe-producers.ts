import {
  apis,
  ErrorCode,
  errorByCode,
  type DescribeProducersResponseInput,
} from '@millrace/kafka-protocol';
import type { ProducerState } from '@millrace/log';
import { openPartition, type BrokerCore } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { findTopicNameProblem } from '../topic-names.ts';

type Partition = DescribeProducersResponseInput['topics'][number]['partitions'][number];

/** Who has written to a partition with a producer id, and whose transaction is open there. */
export const describeProducersHandler: ServedApi = serve(
  apis.describeProducers,
  async ({ topics }, { core }) => {
    const described: { name: string; partitions: Partition[] }[] = [];
    for (const { name, partitionIndexes } of topics) {
      const partitions: Partition[] = [];
      for (const index of partitionIndexes) partitions.push(await describe(name, index, core));
      described.push({ name, partitions });
    }
    return { topics: described };
  },
);

async function describe(
  topic: string,
  partitionIndex: number,
  core: BrokerCore,
): Promise<Partition> {
  const problem = findTopicNameProblem(topic);
  if (problem !== undefined)
    return failed(partitionIndex, ErrorCode.INVALID_TOPIC_EXCEPTION, problem);
  const log = await openPartition(core, topic, partitionIndex);
  if (typeof log === 'number') return failed(partitionIndex, log);
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    activeProducers: [...log.producerStates()].map(describeProducer),
  };
}

function describeProducer(state: ProducerState): NonNullable<Partition['activeProducers']>[number] {
  const last = state.batches.at(-1);
  return {
    producerId: state.producerId,
    producerEpoch: state.epoch,
    lastSequence: last?.lastSequence ?? -1,
    lastTimestamp: last?.timestampMs ?? state.lastSeenMs,
    coordinatorEpoch: state.coordinatorEpoch,
    currentTxnStartOffset: state.transactionFirstOffset,
  };
}

function failed(partitionIndex: number, errorCode: number, message?: string): Partition {
  return {
    partitionIndex,
    errorCode,
    errorMessage: message ?? errorByCode(errorCode).message,
  };
}
