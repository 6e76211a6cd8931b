import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient } from '../src/client.ts';
import type { ProducerRecord } from '../src/records.ts';
import type { KafkaClientOptions } from '../src/settings.ts';
import type { Transport } from '../src/transport.ts';

/** A client with short back-offs; time-outs are the caller's. */
export function openClient(
  transport: Transport,
  options: Partial<KafkaClientOptions> = {},
): KafkaClient {
  return new KafkaClient({
    bootstrap: [{ host: 'fake', port: 1 }],
    transport,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    retryBackoffMs: 2,
    retryBackoffMaxMs: 10,
    reconnectBackoffMs: 1,
    reconnectBackoffMaxMs: 5,
    requestTimeoutMs: 5_000,
    ...options,
  });
}

export function record(topic: string, value: string, partition: number | null = 0): ProducerRecord {
  return {
    topic,
    partition,
    key: null,
    value: Buffer.from(value),
    timestampMs: null,
    headers: [],
  };
}

export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}
