import type { TopicPartition } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import { must } from '@millrace/foundation';
import type { Consumer } from '@millrace/kafka-client';
import { conflict } from '../errors.ts';

/** While a batch is held back, the consumer is polled at least so often, to stay in its group. */
const HOLD_POLL_MS = 250;

/**
 * Which partitions return nothing: all, while the connector is paused or a batch is held back; and those that the task
 * paused by itself, until it resumes them or they are revoked.
 */
export class SinkHold {
  readonly #clock: Clock;
  readonly #pausedByTask = new Map<string, TopicPartition>();
  #consumer: Consumer | undefined;
  isHolding = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  use(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  hold(): void {
    const consumer = this.#mustConsumer();
    this.isHolding = true;
    consumer.pause(consumer.assignment());
  }

  release(): void {
    const consumer = this.#mustConsumer();
    this.isHolding = false;
    consumer.resume(
      consumer.assignment().filter((partition) => !this.#pausedByTask.has(keyOf(partition))),
    );
  }

  /** Waits, but polls: what is paused returns nothing, and the group sees that we live. */
  async holdFor(durationMs: number, signal: AbortSignal): Promise<void> {
    const consumer = this.#mustConsumer();
    const clock = this.#clock;
    this.hold();
    const untilMs = clock.monotonicMs() + durationMs;
    for (let leftMs = durationMs; leftMs > 0; leftMs = untilMs - clock.monotonicMs()) {
      const startedMs = clock.monotonicMs();
      const timeoutMs = Math.min(leftMs, HOLD_POLL_MS);
      const records = await consumer.poll({ timeoutMs, signal });
      for (const { topic, partition, offset } of records.toReversed())
        consumer.seek({ topic, partition }, offset); // Came with an assignment before it was paused.
      const sleptMs = clock.monotonicMs() - startedMs;
      if (sleptMs < timeoutMs) await clock.sleep(timeoutMs - sleptMs, signal);
    }
  }

  /** By the task. @throws MillraceError `connect.conflict` for partitions that it has not */
  pause(partitions: readonly TopicPartition[], owned: readonly TopicPartition[]): void {
    refuseForeign('pause', partitions, owned);
    for (const partition of partitions) this.#pausedByTask.set(keyOf(partition), partition);
    this.#mustConsumer().pause(partitions);
  }

  resume(partitions: readonly TopicPartition[], owned: readonly TopicPartition[]): void {
    refuseForeign('resume', partitions, owned);
    for (const partition of partitions) this.#pausedByTask.delete(keyOf(partition));
    if (!this.isHolding) this.#mustConsumer().resume(partitions);
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.isHolding) this.#mustConsumer().pause(partitions);
  }

  /** A pause ends with the assignment. */
  revoked(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#pausedByTask.delete(keyOf(partition));
  }

  #mustConsumer(): Consumer {
    return must(this.#consumer, 'partitions come from a consumer');
  }
}

/** In Connect's words. */
function refuseForeign(
  verb: 'pause' | 'resume',
  partitions: readonly TopicPartition[],
  owned: readonly TopicPartition[],
): void {
  const known = new Set(owned.map(keyOf));
  const foreign = partitions.find((partition) => !known.has(keyOf(partition)));
  if (foreign !== undefined)
    throw conflict(
      `SinkTasks may not ${verb} partitions that are not currently assigned to them: ${foreign.topic}-${foreign.partition}`,
    );
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
