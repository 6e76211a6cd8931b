import type {
  Admin,
  Consumer,
  ConsumerOptions,
  PartitionReader,
  Producer,
  ReaderOptions,
} from '@millrace/kafka-client';
import type { LogClient } from '@millrace/runtime';
import { memoryAdmin } from './memory-admin.ts';
import { MemoryConsumer } from './memory-consumer.ts';
import type { MemoryLog, MemoryProcess } from './memory-log.ts';
import { MemoryProducer } from './memory-producer.ts';
import { memoryReader } from './memory-reader.ts';

/** One process' view of the log. `cut` is its death: nothing that it does from then on reaches the log. */
export class MemoryLogClient implements LogClient, MemoryProcess {
  readonly log: MemoryLog;
  readonly admin: Admin;
  readonly #consumers = new Set<MemoryConsumer>();
  isCut = false;

  constructor(log: MemoryLog) {
    this.log = log;
    this.admin = memoryAdmin(log);
  }

  producer(): Producer {
    return new MemoryProducer(this);
  }

  readonly operations: LogClient['operations'] = {
    removeGroupMembers: (group, members) => {
      this.log.expireMembers(group);
      return Promise.resolve(
        members.map(({ memberId = '' }) => ({ name: memberId, error: undefined })),
      );
    },
    fenceProducer: () => Promise.resolve(),
    deleteGroupOffsets: (group, partitions) => {
      for (const { topic, partition } of partitions)
        this.log.group(group).committed.delete(`${topic}/${partition}`);
      return Promise.resolve(partitions.map((each) => ({ ...each, error: undefined })));
    },
  };

  /** Transactions are the broker's; what needs them is tested with one. */
  transactionalProducer(): never {
    throw new Error('the log in memory has no transactions');
  }

  consumer(options: ConsumerOptions): Consumer {
    const consumer = new MemoryConsumer(this, options);
    this.#consumers.add(consumer);
    return consumer;
  }

  reader(options: ReaderOptions): PartitionReader {
    return memoryReader(this.log, options);
  }

  clusterId(): Promise<string> {
    return Promise.resolve('memory-log');
  }

  cut(): void {
    this.isCut = true;
    for (const consumer of this.#consumers) consumer.leave();
    this.log.changed();
  }
}
