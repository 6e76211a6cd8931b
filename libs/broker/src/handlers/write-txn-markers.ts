import {
  apis,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersRequestMarker,
  type WriteTxnMarkersResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** What brokers send one another, and tools to end a transaction that nobody coordinates any more. */
export const writeTxnMarkersHandler: ServedApi = serve(apis.writeTxnMarkers, writeTxnMarkers);

type MarkerResult = WriteTxnMarkersResponseInput['markers'][number];

async function writeTxnMarkers(
  request: WriteTxnMarkersRequest,
  { core }: Call,
): Promise<WriteTxnMarkersResponseInput> {
  return { markers: await Promise.all(request.markers.map((marker) => writeOne(marker, core))) };
}

async function writeOne(
  marker: WriteTxnMarkersRequestMarker,
  core: BrokerCore,
): Promise<MarkerResult> {
  const end = {
    producerId: marker.producerId,
    epoch: marker.producerEpoch,
    coordinatorEpoch: marker.coordinatorEpoch,
    isCommit: marker.transactionResult,
  };
  const topics = marker.topics.map(async ({ name, partitionIndexes }) => ({
    name,
    partitions: await Promise.all(
      partitionIndexes.map(async (partitionIndex) => ({
        partitionIndex,
        errorCode: await core.markers.write(end, name, partitionIndex),
      })),
    ),
  }));
  return { producerId: marker.producerId, topics: await Promise.all(topics) };
}
