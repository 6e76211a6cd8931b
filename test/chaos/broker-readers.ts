import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isRetriable } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import { findTool } from '@millrace/test-servers';
import type { Kafka } from 'kafkajs';
import { valueOf, xOptions } from './broker-load.ts';
import { within } from './steps.ts';

/** A member of a group of its own, that reads all and commits, over restarts of its broker. */
export interface Reading {
  readonly groupId: string;
  readonly seen: ReadonlySet<string>;
  /** For each partition the highest offset whose commit was acknowledged, where the client tells. */
  readonly committed: ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

export function ownReading(client: KafkaClient, topic: string): Reading {
  const groupId = 'own-readers';
  const seen = new Set<string>();
  const committed = new Map<number, number>();
  const stop = new AbortController();
  const consumer = client.consumer({
    groupId,
    topics: [topic],
    autoOffsetReset: 'earliest',
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 500,
    fetchMaxWaitMs: 100,
    requestTimeoutMs: 5_000,
  });
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const records = await consumer.poll({ timeoutMs: 200 });
      const next = new Map<number, number>();
      for (const { offset, partition, value } of records) {
        seen.add(valueOf(Buffer.from(value ?? []).toString()));
        next.set(partition, offset + 1);
      }
      const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset }));
      try {
        await consumer.commit(offsets);
      } catch (error) {
        if (isRetriable(error)) continue; // unknown; a later commit says more
        throw error;
      }
      for (const [partition, offset] of next) committed.set(partition, offset);
    }
    await consumer.close();
  };
  const running = run();
  running.catch(() => undefined); // told by `stop`
  return {
    groupId,
    seen,
    committed,
    stop: async () => {
      stop.abort();
      await within('our consumer stops', running);
    },
  };
}

export async function kafkaJsReading(kafka: Kafka, topic: string): Promise<Reading> {
  const groupId = 'kafkajs-readers';
  const seen = new Set<string>();
  const committed = new Map<number, number>();
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { messages, partition } }) => {
      for (const { value } of messages) seen.add(valueOf(value?.toString() ?? ''));
      const offset = Number(messages.at(-1)?.offset) + 1;
      await consumer.commitOffsets([{ topic, partition, offset: String(offset) }]);
      committed.set(partition, offset);
    },
  });
  return {
    groupId,
    seen,
    committed,
    stop: () => within('the consumer of KafkaJS stops', consumer.disconnect()),
  };
}

/** librdkafka commits by itself and doesn't tell. */
export function kcatReading(bootstrap: string, topic: string): Reading {
  const groupId = 'kcat-readers';
  const settings = [
    ...['auto.offset.reset=earliest', 'auto.commit.interval.ms=200', 'fetch.wait.max.ms=100'],
    ...['session.timeout.ms=10000', 'heartbeat.interval.ms=500', 'reconnect.backoff.max.ms=300'],
  ];
  const args = ['-b', bootstrap, '-G', groupId, '-E', '-q', '-u', ...xOptions(settings), topic];
  const child = spawn(findTool('kcat', 'kcat'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const seen = new Set<string>();
  createInterface(child.stdout).on('line', (line) => seen.add(valueOf(line)));
  return {
    groupId,
    seen,
    committed: new Map(),
    stop: async () => {
      child.kill('SIGTERM');
      try {
        await within('kcat ends', exited);
      } finally {
        child.kill('SIGKILL');
      }
    },
  };
}
