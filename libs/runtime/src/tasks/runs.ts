import type {
  Producer,
  ProducerRecord,
  ProducerRun,
  SendResult,
  WritableRun,
} from '@millrace/kafka-client';
import type { MillraceError } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';

/** A run that is written when it is sent. */
export interface UnwrittenRun extends WritableRun {
  /** What it will take, roughly. */
  readonly bytes: number;
  /** The record that can't be written so, converted by itself; none when that was no success and the strategy took it. */
  readonly single: (index: number) => Promise<readonly ProducerRecord[]>;
}

/** Converted: one record, or many that lie together, or will. */
export type Produced = ProducerRecord | ProducerRun | UnwrittenRun;

/** A record that could not be delivered. */
export interface DeliveryFailure {
  /** Of what it was sent in: a record, or a run. */
  readonly index: number;
  readonly error: MillraceError;
}

export function isRun(produced: Produced): produced is ProducerRun | UnwrittenRun {
  return 'count' in produced;
}

function isUnwritten(produced: Produced): produced is UnwrittenRun {
  return 'write' in produced;
}

/** What is kept of a record until the log has answered: of a run its records are not, nor what they are made of. */
export function withoutRun(record: SourceRecord): SourceRecord {
  if (record.run === undefined) return record;
  const { topic, keySchema, valueSchema, headers, sourcePartition, sourceOffset } = record;
  const where = { topic, partition: null, timestampMs: null, headers, sourcePartition };
  const run = { count: record.run.count, render: gone, record: gone };
  return { ...where, keySchema, key: null, valueSchema, value: null, sourceOffset, run };
}

function gone(): never {
  throw new RangeError('the records of a run are asked for before the next poll');
}

/** How many records these are, with those of runs. */
export function countRecords(records: readonly SourceRecord[]): number {
  let count = records.length;
  for (const { run } of records) if (run !== undefined) count += run.count - 1;
  return count;
}

export function countProduced(produced: readonly Produced[]): number {
  let count = produced.length;
  for (const each of produced) if (isRun(each)) count += each.count - 1;
  return count;
}

/** `Producer.send` of records and runs, in order. Of unwritten runs so many were `skipped`: their strategy took care of them. */
export async function sendAll(
  producer: Producer,
  produced: readonly Produced[],
  signal: AbortSignal,
): Promise<{ readonly delivered: Promise<readonly DeliveryFailure[]>; readonly skipped: number }> {
  const parts: Promise<readonly DeliveryFailure[]>[] = [];
  let skipped = 0;
  let waiting: ProducerRecord[] = [];
  const sendRecords = async (
    records: readonly ProducerRecord[],
    place: (index: number) => number,
  ): Promise<void> => {
    if (records.length === 0) return;
    const { delivered } = await producer.send(records, signal);
    parts.push(failuresOf(delivered, place));
  };
  const sendWaiting = async (end: number): Promise<void> => {
    const records = waiting;
    waiting = [];
    await sendRecords(records, (index) => end - records.length + index);
  };
  for (const [index, each] of produced.entries()) {
    if (!isRun(each)) {
      waiting.push(each);
      continue;
    }
    await sendWaiting(index);
    const here = (): number => index;
    if (!isUnwritten(each)) {
      const { delivered } = await producer.sendRun(each, signal);
      parts.push(failuresOf(delivered, here));
      continue;
    }
    for (let from = 0; from < each.count;) {
      const { delivered, end } = await producer.writeRun(each, from, signal);
      parts.push(failuresOf(delivered, here));
      if (end === from) {
        const records = await each.single(from);
        skipped += 1 - records.length;
        await sendRecords(records, here);
        from++;
      } else from = end;
    }
  }
  await sendWaiting(produced.length);
  return { delivered: Promise.all(parts).then((all) => all.flat()), skipped };
}

async function failuresOf(
  delivered: Promise<SendResult>,
  place: (index: number) => number,
): Promise<readonly DeliveryFailure[]> {
  const { failures } = await delivered;
  return failures.map(({ index, error }) => ({ index: place(index), error }));
}
