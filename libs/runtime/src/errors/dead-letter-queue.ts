import type { Logger } from '@millrace/foundation';
import type { Producer, ProducerOptions } from '@millrace/kafka-client';
import { deadLetterFailed } from '../errors.ts';
import type { LogClient } from '../log-client.ts';
import { ensureTopic } from '../stores/topics.ts';
import type { ErrorCounters } from './counters.ts';
import { traceOf, type FailedOperation, type RawHeader } from './failed-operation.ts';
import { exceptionClassOf } from './fingerprint.ts';

export interface DeadLetterOptions {
  readonly client: LogClient;
  readonly producer: ProducerOptions;
  readonly topic: string;
  readonly replicationFactor: number;
  readonly hasContextHeaders: boolean;
  readonly connector: string;
  readonly task: number;
  readonly counters: ErrorCounters;
  /** Applied to what errors say: no secrets in headers. */
  readonly redact: (text: string) => string;
}

const HEADER = '__connect.errors.';

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
    const { letter } = failed;
    const headers = this.#options.hasContextHeaders
      ? [...letter.headers, ...this.#contextHeaders(failed)]
      : letter.headers;
    const { delivered } = await this.#producer.send(
      [
        {
          topic,
          partition: null,
          key: letter.key,
          value: letter.value,
          timestampMs: letter.timestampMs,
          headers,
        },
      ],
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

  #contextHeaders({ stage, className, error, letter }: FailedOperation): readonly RawHeader[] {
    const { connector, task, redact } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    const entries = {
      topic: letter.topic,
      partition: letter.partition,
      offset: letter.offset,
      'connector.name': connector,
      'task.id': String(task),
      stage,
      'class.name': className,
      'exception.class.name': exceptionClassOf(error, stage),
      'exception.message': redact(message),
      'exception.stacktrace': redact(traceOf(error)),
    };
    return Object.entries(entries).map(([name, value]) => ({
      key: `${HEADER}${name}`,
      value: Buffer.from(value),
    }));
  }
}
