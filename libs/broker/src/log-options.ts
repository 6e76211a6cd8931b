import { resolve } from 'node:path';
import type { CleanerSettings, LogManagerOptions, ManagerChanges } from '@millrace/log';
import type { BrokerSettings } from './settings.ts';

/** Appends queue no deeper than requests do; in-process ones come on top. */
const APPEND_QUEUE_FACTOR = 2;
/** The data type of `log.flush.scheduler.interval.ms` allows for "never"; then policy 'interval' has this period. */
const FLUSH_MS = 1000;
/** A period of 0 would be a loop without a pause. */
const PERIOD_MS_MIN = 1;

/** What the broker's settings say of its storage. */
export function logOptionsOf({
  values,
}: BrokerSettings): Pick<
  LogManagerOptions,
  'folders' | 'limits' | 'intervals' | 'cleaner' | 'moveBytesPerSecondMax'
> {
  const queueBytesMax = values['queued.max.request.bytes'] * APPEND_QUEUE_FACTOR;
  return {
    folders: logDirsOf(values['log.dirs'], values['metadata.log.dir']),
    limits: {
      appendQueueBytesMax: queueBytesMax,
      appendQueuesBytesMax: queueBytesMax,
      producerExpirationMs: values['producer.id.expiration.ms'],
      recoveriesPerFolder: values['num.recovery.threads.per.data.dir'],
      openFilesMax: values['log.open.files.max'],
    },
    intervals: {
      flushMs: period(Math.min(FLUSH_MS, values['log.flush.scheduler.interval.ms'])),
      retentionMs: period(values['log.retention.check.interval.ms']),
      checkpointMs: period(values['log.flush.offset.checkpoint.interval.ms']),
      startCheckpointMs: period(values['log.flush.start.offset.checkpoint.interval.ms']),
      highWatermarkMs: period(values['replica.high.watermark.checkpoint.interval.ms']),
    },
    cleaner: cleanerOf(values),
    moveBytesPerSecondMax: values['replica.alter.log.dirs.io.max.bytes.per.second'],
  };
}

/** What of it may change while logs are open. */
export function logChangesOf({ values }: BrokerSettings): ManagerChanges {
  return {
    cleaner: cleanerOf(values),
    producerExpirationMs: values['producer.id.expiration.ms'],
    recoveriesPerFolder: values['num.recovery.threads.per.data.dir'],
    moveBytesPerSecondMax: values['replica.alter.log.dirs.io.max.bytes.per.second'],
  };
}

function cleanerOf(values: BrokerSettings['values']): CleanerSettings {
  return {
    isEnabled: values['log.cleaner.enable'],
    threads: values['log.cleaner.threads'],
    dedupeBytesMax: values['log.cleaner.dedupe.buffer.size'],
    loadFactor: values['log.cleaner.io.buffer.load.factor'],
    ioBufferBytes: values['log.cleaner.io.buffer.size'],
    bytesPerSecondMax: values['log.cleaner.io.max.bytes.per.second'],
    backoffMs: period(values['log.cleaner.backoff.ms']),
  };
}

function period(ms: number): number {
  return Math.max(PERIOD_MS_MIN, ms);
}

/** The one with the metadata log first. */
export function logDirsOf(
  logDirs: readonly string[],
  metadataDir: string | null,
): readonly string[] {
  if (metadataDir === null) return logDirs;
  const first = resolve(metadataDir);
  return [...logDirs].sort(
    (left, right) => Number(resolve(right) === first) - Number(resolve(left) === first),
  );
}
