import { deferred } from '@millrace/foundation';
import { recordsOfRun, writePacked } from '@millrace/kafka-client';
import type {
  Producer,
  ProducerMetrics,
  ProducerRecord,
  ProducerRun,
  SendFailure,
  SendResult,
  WritableRun,
} from '@millrace/kafka-client';
import type { MemoryProcess } from './memory-log.ts';

export class MemoryProducer implements Producer {
  readonly #client: MemoryProcess;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(client: MemoryProcess) {
    this.#client = client;
  }

  async send(
    records: readonly ProducerRecord[],
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    signal?.throwIfAborted();
    await Promise.resolve();
    const delivered = this.#deliver(records);
    this.#pending.add(delivered);
    void delivered.then(() => this.#pending.delete(delivered));
    return { delivered };
  }

  sendRun(
    run: ProducerRun,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    return this.send(recordsOfRun(run), signal);
  }

  writeRun(
    run: WritableRun,
    from: number,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult>; readonly end: number }> {
    return writePacked(this, run, from, signal);
  }

  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Nobody counts here. */
  metrics(): ProducerMetrics {
    return {
      recordSendTotal: 0,
      recordErrorTotal: 0,
      recordRetryTotal: 0,
      batchSplitTotal: 0,
      requestTotal: 0,
      outgoingByteTotal: 0,
      requestsInFlight: 0,
      bufferTotalBytes: 0,
      bufferAvailableBytes: 0,
    };
  }

  async close(): Promise<void> {
    await this.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #deliver(records: readonly ProducerRecord[]): Promise<SendResult> {
    const { log } = this.#client;
    const failures: SendFailure[] = [];
    const held: Promise<void>[] = [];
    for (const [index, record] of records.entries()) {
      if (this.#client.isCut) return new Promise(() => undefined);
      const error = log.faults.refuse?.(record);
      if (error !== undefined) {
        failures.push({ index, error });
        continue;
      }
      log.append(record);
      if (log.faults.holdAcks?.(record) === true) {
        const release = deferred();
        log.holdAck(() => release.resolve());
        held.push(release.promise);
      }
    }
    await Promise.all(held);
    await new Promise((resolve) => setImmediate(resolve));
    // A dead process hears of nothing.
    return this.#client.isCut ? new Promise(() => undefined) : { failures };
  }
}
