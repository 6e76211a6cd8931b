import type { ConsumedRecord, PartitionReader, ReaderOptions } from '@millrace/kafka-client';
import type { MemoryLog } from './memory-log.ts';

export function memoryReader(log: MemoryLog, { topic }: ReaderOptions): PartitionReader {
  let position = 0;
  const take = (): readonly ConsumedRecord[] => {
    const records = log.records(topic).slice(position);
    position += records.length;
    return records;
  };
  const close = (): Promise<void> => Promise.resolve();
  return {
    readToEnd: async (onRecords) => {
      await onRecords(take());
    },
    poll: () => Promise.resolve(take()),
    position: () => position,
    seek: (_partition, offset) => {
      position = offset;
    },
    wakeup: () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}
