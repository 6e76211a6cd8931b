import { isDeletedByRetention, type LogConfig } from './log-config.ts';

export interface SegmentAge {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly bytes: number;
  /** -1 when its records have none. */
  readonly maxTimestampMs: number;
  readonly createdMs: number;
}

export interface RetentionLimits {
  readonly config: LogConfig;
  /** By age and size too, not only what is below the log start. */
  readonly isAged: boolean;
  readonly nowMs: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/**
 * How many of the oldest segments may go: those below the log start in any case; by age and size
 * when the topic is not only compacted. All of them means that the active one has expired too, and
 * must be rolled first. Nothing above the high watermark goes.
 */
export function chooseExpired(segments: readonly SegmentAge[], limits: RetentionLimits): number {
  const { config, nowMs, logStartOffset, highWatermark } = limits;
  const isAged = limits.isAged && isDeletedByRetention(config);
  const retentionMs = config['retention.ms'];
  const retentionBytes = config['retention.bytes'];
  let excessBytes = -retentionBytes;
  for (const segment of segments) excessBytes += segment.bytes;
  let count = 0;
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.baseOffset ?? segment.nextOffset;
    const isActive = index === segments.length - 1;
    if (end > highWatermark || (isActive && segment.bytes === 0)) break;
    const lastMs = segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.createdMs;
    const isBelowStart = end <= logStartOffset && !isActive;
    const isOld = isAged && retentionMs >= 0 && nowMs - lastMs > retentionMs;
    const isExcess = isAged && retentionBytes >= 0 && excessBytes >= segment.bytes && !isActive;
    if (!isBelowStart && !isOld && !isExcess) break;
    excessBytes -= segment.bytes;
    count += 1;
  }
  return count;
}
