import type { LogState } from './log-state.ts';
import type { ProducerState } from './producer-states.ts';

/** More producers than that are read from the log's own snapshot file. */
const PRODUCERS_MAX = 16;

/** What a log was when it was closed cleanly: enough to use it again without a look into its files. */
export interface LogSummary {
  readonly name: string;
  readonly topicId?: string;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly segments: readonly SegmentSummary[];
  /** Leader epoch, start offset. */
  readonly epochs: readonly (readonly [number, number])[];
  /** Undefined when they are too many: they are in the snapshot file. */
  readonly producers?: readonly ProducerState[];
}

export interface SegmentSummary {
  readonly baseOffset: number;
  readonly bytes: number;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly maxTimestampOffset: number;
  readonly hasAborted?: boolean;
}

export function summarize(state: LogState): LogSummary {
  const producers =
    state.producers.size <= PRODUCERS_MAX ? [...state.producers.values()] : undefined;
  return {
    name: `${state.topic}-${state.partition}`,
    ...(state.topicId === undefined ? {} : { topicId: state.topicId }),
    logStartOffset: state.logStartOffset,
    logEndOffset: state.logEndOffset,
    segments: state.segments.all.map((segment) => ({
      baseOffset: segment.baseOffset,
      bytes: segment.bytes,
      firstTimestampMs: segment.firstTimestampMs,
      maxTimestampMs: segment.maxTimestampMs,
      maxTimestampOffset: segment.maxTimestampOffset,
      ...(segment.aborted.length > 0 ? { hasAborted: true } : {}),
    })),
    epochs: state.epochs.entries.map(({ epoch, startOffset }) => [epoch, startOffset] as const),
    ...(producers === undefined ? {} : { producers }),
  };
}
