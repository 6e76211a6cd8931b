import type { Clock, Logger, Random } from '@millrace/foundation';
import type { FlushPolicy } from './append-types.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Disk } from './disk.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import type { LogFigures } from './log-figures.ts';
import type { OpenFiles } from './open-files.ts';
import type { ProducerStates } from './producer-states.ts';
import type { IndexMemory } from './index-memory.ts';
import type { Segment, SegmentPorts } from './segment.ts';
import type { TailCacheBudget } from './tail-cache.ts';
import type { Turns } from './turns.ts';

/** What all logs of a process share. */
export interface LogPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly figures: LogFigures;
  /** How many batches are unpacked at the same time (INV-6). */
  readonly unpacking: Turns;
  readonly files: OpenFiles;
  readonly indexes: IndexMemory;
  readonly tailBudget: TailCacheBudget;
  /** Bytes that wait to be appended to any log (INV-6). */
  readonly appendBudget: ByteBudget;
}

export interface PartitionLogOptions {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's form: 22 characters of base64url; undefined when the folder has no `partition.metadata`. */
  readonly topicId: string | undefined;
  readonly folder: string;
  readonly config: LogConfig;
  readonly flushPolicy: FlushPolicy;
  /** Bytes that may wait to be appended to this log (INV-6). */
  readonly appendQueueBytesMax: number;
  /** As it is now. */
  readonly producerExpirationMs: () => number;
  /** Told once, when the log can't be trusted any more. */
  readonly onOffline?: (cause: unknown) => void;
  readonly ports: LogPorts;
}

/** What opening a folder has found. */
export interface OpenedState {
  readonly segments: Segment[];
  readonly producers: ProducerStates;
  readonly epochs: LeaderEpochs;
  readonly logStartOffset: number;
  /** Offset up to which all is durable. */
  readonly recoveryPoint: number;
  readonly segmentPorts: SegmentPorts;
  /** There is a producer snapshot of the log's end that says what `producers` does. */
  readonly hasSnapshot: boolean;
  /** The names of its files survive a loss of power. */
  readonly areNamesDurable: boolean;
}

export type Allocate = (bytes: number) => Uint8Array;

export interface ReadOptions {
  /** Give the first batch whole even when it is larger than `bytesMax` (KIP-74). */
  readonly minOneMessage?: boolean;
  /** Nothing at or above it is given. Consumers: 'high-watermark' (the default) or 'last-stable'; followers: 'log-end'. */
  readonly upTo?: 'high-watermark' | 'last-stable' | 'log-end' | number;
  /** Gives memory for what is read, which stays the caller's; fresh memory by default. */
  readonly allocate?: Allocate;
}

export interface ReadResult {
  /** Whole batches back to back; the first may begin before the offset asked for. The caller's own. */
  readonly bytes: Uint8Array;
  /** The offset after the last batch in `bytes`; the offset asked for when there is none. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
}

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}
