import { apis, decodeResponseHeader, encodeRequestFrame, Reader } from '@millrace/kafka-protocol';

const PRODUCE_VERSION = 9;

export function produceFrame(
  topic: string,
  partition: number,
  records: Uint8Array,
  acks: number,
): Uint8Array {
  return encodeRequestFrame(apis.produce, PRODUCE_VERSION, 1, 'bench', {
    transactionalId: null,
    acks,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  });
}

export function throwRefusal(answer: Buffer): void {
  const reader = new Reader(answer, 0, answer.length);
  decodeResponseHeader(reader, apis.produce, PRODUCE_VERSION);
  const { responses } = apis.produce.decodeResponse(reader, PRODUCE_VERSION);
  const errorCode = responses[0]?.partitionResponses[0]?.errorCode;
  if (errorCode !== 0) throw new Error(`produce was refused with error ${String(errorCode)}`);
}
