import { describeError, MillraceError } from '@millrace/foundation';
import { errnoOf } from './errno.ts';

/**
 * The disk, or the quota on it, is full. The append was not stored; nothing of it will be seen.
 * Appends work again as soon as there is room. Free space, or lower `retention.ms`/`retention.bytes`.
 */
export function diskFull(path: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'log.disk_full',
    retry: 'retriable',
    message: `no room on the disk of "${path}"`,
    hint: 'free disk space or lower retention.ms / retention.bytes; appends resume by themselves',
    context: { path },
    cause,
  });
}

/**
 * A write-back or a read failed on the device. What the page cache holds can't be trusted any more (a
 * second fsync would lie), so that this partition takes and gives nothing until the process restarts
 * and recovers it from what is really on the disk.
 */
export function partitionOffline(path: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'log.partition_offline',
    retry: 'retriable',
    message: `the log in "${path}" is offline since its disk failed`,
    hint: 'check the disk (dmesg), then restart the broker; it recovers what was really stored',
    context: { path },
    cause,
  });
}

/** The log was closed or deleted while the append waited. The client finds the new leader by metadata. */
export function logClosed(path: string): MillraceError {
  return new MillraceError({
    code: 'log.closed',
    retry: 'retriable',
    message: `the log in "${path}" is closed`,
    context: { path },
  });
}

/** INV-6: more bytes wait for the disk than allowed. The disk is slower than the producers. */
export function appendQueueFull(path: string, bytesMax: number): MillraceError {
  return new MillraceError({
    code: 'log.append_queue_full',
    retry: 'retriable',
    message: `more than ${bytesMax} bytes wait to be appended to "${path}"`,
    hint: 'the producer should wait and retry; if this lasts, the disk is too slow for the load',
    context: { path, bytesMax },
  });
}

/** The bytes are no record batch, or were changed on the way: length, CRC or counts are wrong. */
export function corruptBatch(problem: string): MillraceError {
  return new MillraceError({
    code: 'log.corrupt_batch',
    retry: 'retriable',
    message: `the record batch is damaged: ${problem}`,
    hint: 'a client retries this; if it repeats, look for memory or network faults',
    context: { problem },
  });
}

/** A record format before Kafka 0.11 (magic 0 or 1). */
export function unsupportedFormat(): MillraceError {
  return new MillraceError({
    code: 'log.unsupported_format',
    retry: 'fatal',
    message: 'the record batch has an old format, expected magic 2',
    hint: 'use a client that speaks Kafka 0.11 or newer',
  });
}

/** A batch is larger than `max.message.bytes`. */
export function batchTooLarge(bytes: number, bytesMax: number): MillraceError {
  return new MillraceError({
    code: 'log.batch_too_large',
    retry: 'fatal',
    message: `a record batch of ${bytes} bytes, expected at most ${bytesMax}`,
    hint: 'raise max.message.bytes of the topic or lower batch.size of the producer',
    context: { bytes, bytesMax },
  });
}

/** What is appended at once does not fit in one segment file. */
export function batchesTooLarge(bytes: number, segmentBytes: number): MillraceError {
  return new MillraceError({
    code: 'log.batches_too_large',
    retry: 'fatal',
    message: `${bytes} bytes appended at once, expected at most segment.bytes=${segmentBytes}`,
    hint: 'raise segment.bytes of the topic or lower batch.size of the producer',
    context: { bytes, segmentBytes },
  });
}

/** The records of a batch can't be read as records, or are not what its header says. Its producer is wrong. */
export function invalidRecords(problem: string): MillraceError {
  return new MillraceError({
    code: 'log.invalid_records',
    retry: 'fatal',
    message: `the record batch has ${problem}`,
    hint: 'look for a fault in the producer; the batch was right when it was sent, by its CRC',
    context: { problem },
  });
}

/** A compacted topic needs a key in every record. */
export function recordWithoutKey(): MillraceError {
  return new MillraceError({
    code: 'log.record_without_key',
    retry: 'fatal',
    message: 'a record without a key for a compacted topic',
    hint: 'give each record a key, or set cleanup.policy=delete',
  });
}

/** A time stamp too far ahead of, or behind, this machine's clock. */
export function timestampOutOfRange(timestampMs: number): MillraceError {
  return new MillraceError({
    code: 'log.timestamp_out_of_range',
    retry: 'fatal',
    message: `the time stamp ${timestampMs} is outside what the topic allows`,
    hint: 'mend the clock of the producer, or set message.timestamp.after.max.ms / message.timestamp.before.max.ms',
    context: { timestampMs },
  });
}

/** A gap or a repetition outside the window of five in the sequence numbers of a producer. */
export function outOfOrderSequence(
  producerId: number,
  expected: number,
  actual: number,
): MillraceError {
  return new MillraceError({
    code: 'log.out_of_order_sequence',
    retry: 'fatal',
    message: `producer ${producerId} sent sequence ${actual}, expected ${expected}`,
    context: { producerId, expected, actual },
  });
}

/** A newer instance of the same producer has taken over: this one is fenced. */
export function invalidProducerEpoch(
  producerId: number,
  current: number,
  actual: number,
): MillraceError {
  return new MillraceError({
    code: 'log.invalid_producer_epoch',
    retry: 'fatal',
    message: `producer ${producerId} has epoch ${actual}, the current one is ${current}`,
    hint: 'another instance with the same transactional id runs; stop one of them',
    context: { producerId, current, actual },
  });
}

/** A marker of a transaction coordinator that has been replaced since. */
export function coordinatorFenced(
  producerId: number,
  current: number,
  given: number,
): MillraceError {
  return new MillraceError({
    code: 'log.coordinator_fenced',
    retry: 'fatal',
    message: `marker for producer ${producerId} of coordinator epoch ${given}, the current one is ${current}`,
    hint: 'let the current coordinator end the transaction',
    context: { producerId, current, given },
  });
}

/** A plain batch of a producer whose transaction is still open on this partition, or a marker without one. */
export function invalidTransactionState(producerId: number): MillraceError {
  return new MillraceError({
    code: 'log.invalid_transaction_state',
    retry: 'fatal',
    message: `producer ${producerId} has a transaction open and sent a batch outside of it`,
    context: { producerId },
  });
}

/** A follower got batches that don't continue its log. It must find the divergence and truncate. */
export function unexpectedOffset(expected: number, actual: number): MillraceError {
  return new MillraceError({
    code: 'log.unexpected_offset',
    retry: 'fatal',
    message: `a batch at offset ${actual}, expected ${expected} or later`,
    context: { expected, actual },
  });
}

/** Another process uses this data folder; two writers would destroy it. */
export function folderLocked(folder: string, pid: number): MillraceError {
  return new MillraceError({
    code: 'log.folder_locked',
    retry: 'fatal',
    message: `the data folder "${folder}" is in use by process ${pid === 0 ? 'unknown' : pid}`,
    hint: 'stop that process, or give this one another data folder',
    context: { folder, pid },
  });
}

/** The folder belongs to another cluster or broker: probably the wrong volume was mounted. */
export function folderOfAnother(
  folder: string,
  key: string,
  found: string,
  expected: string,
): MillraceError {
  return new MillraceError({
    code: 'log.folder_of_another',
    retry: 'fatal',
    message: `meta.properties in "${folder}" has ${key}=${found}, expected ${expected}`,
    hint: `mount the right volume, set ${key} to ${found}, or start with an empty folder`,
    context: { folder, key, found, expected },
  });
}

/** The partition is in a data folder that has failed or could not be opened; the others go on. */
export function folderOffline(name: string): MillraceError {
  return new MillraceError({
    code: 'log.folder_offline',
    retry: 'retriable',
    message: `the data folder of "${name}" is offline`,
    hint: 'mend the disk of that folder and restart the broker; see the log of the start for which one it is',
    context: { name },
  });
}

/** The first of `log.dirs` holds the metadata of the cluster; without it the broker does not know its topics. */
export function firstFolderOffline(path: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'log.first_folder_offline',
    retry: 'fatal',
    message: `the first data folder "${path}", which holds the metadata log, can't be used: ${describeError(cause)}`,
    hint: 'mend its disk; other folders of log.dirs may fail while the broker goes on, the first one is needed to start',
    context: { path },
    cause,
  });
}

/** No data folder is left that works: the broker can serve nothing and stops. */
export function allFoldersFailed(
  folders: readonly { readonly path: string; readonly failure: unknown }[],
): MillraceError {
  const reasons = folders.map(({ path, failure }) => `"${path}": ${describeError(failure)}`);
  return new MillraceError({
    code: 'log.all_folders_failed',
    retry: 'fatal',
    message: `all data folders (log.dirs) have failed: ${reasons.join('; ')}`,
    hint: 'check that the folders exist, can be written and have a healthy disk, then start again',
    context: { folders: folders.map(({ path }) => path) },
    cause: folders[0]?.failure,
  });
}

/** A file that we need can't be understood: written by something else or damaged. */
export function damagedFile(path: string, what: string): MillraceError {
  return new MillraceError({
    code: 'log.damaged_file',
    retry: 'fatal',
    message: `"${path}" can't be read: ${what}`,
    hint: 'restore the file from a backup, or move it away',
    context: { path },
  });
}

/** A topic setting with a value that it can't have. */
export function invalidLogConfig(problems: readonly string[]): MillraceError {
  return new MillraceError({
    code: 'log.invalid_config',
    retry: 'fatal',
    message: problems.join('; '),
    hint: 'mend the named settings',
    context: { problems },
  });
}

/** Whether room is what is missing; all other errors of a write mean a sick disk. */
export function isOutOfRoom(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** The device or its file system, not a single file: what else is on it is lost to us too. */
export function isDiskFailure(error: unknown): boolean {
  const code = errnoOf(error);
  return DISK_FAILURES.has(code);
}

const DISK_FAILURES: ReadonlySet<string> = new Set([
  'EIO',
  'EROFS',
  'ENXIO',
  'ENODEV',
  'ESTALE',
  'EUCLEAN',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ENOTCONN',
  'EREMOTEIO',
]);

/** Too many open files is a shortage like a full disk: nothing is damaged and it can pass. */
export function isShortage(error: unknown): boolean {
  const code = errnoOf(error);
  return isOutOfRoom(error) || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM';
}
