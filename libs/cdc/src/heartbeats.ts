import type { Clock, Logger } from '@millrace/foundation';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import type { CommonConfig } from './configuration/common-settings.ts';
import { heartbeatRecord } from './heartbeat.ts';

export interface HeartbeatsOptions {
  readonly config: CommonConfig;
  readonly topic: string;
  readonly serverName: string;
  readonly partition: SourcePartition;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs `heartbeat.action.query` on the source. */
  readonly execute: (query: string) => Promise<unknown>;
}

/** Says when a heartbeat is due, and makes it. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #intervalMs: number;
  #dueAtMs: number;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.#intervalMs = options.config['heartbeat.interval.ms'];
    this.#dueAtMs = options.clock.monotonicMs() + this.#intervalMs;
  }

  /** The heartbeat with this offset, if one is due. */
  async take(offset: () => SourceOffset): Promise<readonly SourceRecord[]> {
    const { clock, partition, serverName, topic } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#intervalMs === 0 || nowMs < this.#dueAtMs) return [];
    this.#dueAtMs = nowMs + this.#intervalMs;
    await this.#query();
    return [
      heartbeatRecord({
        topic,
        serverName,
        timestampMs: clock.nowMs(),
        sourcePartition: partition,
        sourceOffset: offset(),
      }),
    ];
  }

  async #query(): Promise<void> {
    const { config, execute, log } = this.#options;
    const query = config['heartbeat.action.query'];
    if (query === null || config['read.only']) return;
    try {
      await execute(query);
    } catch (error) {
      log.warn({ err: error }, 'heartbeat.action.query failed; the heartbeat goes on without it');
    }
  }
}
