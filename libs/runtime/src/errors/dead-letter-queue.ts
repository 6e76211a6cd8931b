import type { Logger } from '@millrace/foundation';
import type { Producer, ProducerOptions } from '@millrace/kafka-client';
import { deadLetterFailed } from '../errors.ts';
import type { LogClient } from '../clients/log-client.ts';
import { ensureTopic } from '../stores/topics.ts';
import type { ErrorCounters } from './counters.ts';
import type { FailedOperation } from './failed-operation.ts';
import { letterRecordOf, type LetterOrigin } from './letter-record.ts';

export interface DeadLetterOptions extends LetterOrigin {
  readonly client: LogClient;
  readonly producer: ProducerOptions;
  readonly replicationFactor: number;
  readonly counters: ErrorCounters;
}

/** The topic in which failed records wait for a person. */
export class DeadLetterQueue {
  readonly #options: DeadLetterOptions;
  readonly #producer: Producer;

  private constructor(options: DeadLetterOptions, producer: Producer) {
    this.#options = options;
    this.#producer = producer;
  }

  /** Creates the topic if it is absent. */
  static async open(options: DeadLetterOptions, log: Logger): Promise<DeadLetterQueue> {
    const { client, topic, replicationFactor } = options;
    await ensureTopic(client, { name: topic, partitions: 1, replicationFactor }, log);
    return new DeadLetterQueue(options, client.producer(options.producer));
  }

  /**
   * Resolves when the letter is in the producer's buffer; `written` when it is durable. INV-2: the offset of the
   * record may be committed only after that, and a letter that is not written fails the task.
   */
  async send(
    failed: FailedOperation,
    signal: AbortSignal,
  ): Promise<{ readonly written: Promise<void> }> {
    const { counters, topic } = this.#options;
    counters.deadLetterRequests++;
    const { delivered } = await this.#producer.send(
      [letterRecordOf(this.#options, failed)],
      signal,
    );
    const written = delivered.then(({ failures }) => {
      if (failures[0] === undefined) return;
      counters.deadLetterFailures++;
      throw deadLetterFailed(topic, failures[0].error);
    });
    written.catch(() => undefined); // Seen by whoever awaits it before a commit.
    return { written };
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}
