import type { Clock, Logger, Random } from '@millrace/foundation';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import { timeOrderedUuid } from '../context-headers.ts';
import {
  notificationRecord,
  type Notification,
  type NotificationAggregate,
  type NotificationType,
} from './notification.ts';

export interface NotifierOptions {
  /** `notification.enabled.channels` */
  readonly channels: readonly string[];
  /** `notification.sink.topic.name` */
  readonly topic: string | null;
  /** `topic.prefix`: `connector_name` in each notification. */
  readonly connectorName: string;
  readonly sourcePartition: SourcePartition;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What waits for the next batch; more is dropped, oldest first: notifications inform, they prove nothing (INV-6). */
const WAITING_MAX = 10_000;

/**
 * Tells of the progress of snapshots over the channels that are enabled: `log`; `sink`, records that wait here for the
 * next batch; `jmx`, the figures.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  #waiting: Notification[] = [];
  #count = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** How many there were; for metrics. */
  get count(): number {
    return this.#count;
  }

  notify(
    aggregate: NotificationAggregate,
    type: NotificationType,
    data: Readonly<Record<string, string>> = {},
    correlationId: string | null = null,
  ): void {
    const { channels, clock, connectorName, log, random, topic } = this.#options;
    if (channels.length === 0) return;
    this.#count++;
    const notification: Notification = {
      id: correlationId ?? timeOrderedUuid(clock, random),
      aggregate,
      type,
      data: { connector_name: connectorName, ...data },
      timestampMs: clock.nowMs(),
    };
    if (channels.includes('log')) log.info({ ...notification }, 'notification');
    if (!channels.includes('sink') || topic === null) return;
    this.#waiting.push(notification);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The records that wait, to be added to a batch with the position of its end. */
  take(sourceOffset: SourceOffset): readonly SourceRecord[] {
    const { sourcePartition, topic } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    return topic === null
      ? []
      : waiting.map((one) => notificationRecord(one, topic, { sourcePartition, sourceOffset }));
  }
}
