import type { Producer, ProducerRecord, ProducerRun, SendResult } from '@millrace/kafka-client';
import type { MillraceError } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';

/** Converted: one record, or many that lie together. */
export type Produced = ProducerRecord | ProducerRun;

/** A record that could not be delivered. */
export interface DeliveryFailure {
  /** Of what it was sent in: a record, or a run. */
  readonly index: number;
  readonly error: MillraceError;
}

export function isRun(produced: Produced): produced is ProducerRun {
  return 'count' in produced;
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

/** `Producer.send` of records and runs, in order. */
export async function sendAll(
  producer: Producer,
  produced: readonly Produced[],
  signal: AbortSignal,
): Promise<{ readonly delivered: Promise<readonly DeliveryFailure[]> }> {
  const parts: Promise<readonly DeliveryFailure[]>[] = [];
  let records: ProducerRecord[] = [];
  const sendRecords = async (end: number): Promise<void> => {
    if (records.length === 0) return;
    const first = end - records.length;
    const { delivered } = await producer.send(records, signal);
    parts.push(failuresOf(delivered, (index) => first + index));
    records = [];
  };
  for (const [index, each] of produced.entries())
    if (isRun(each)) {
      await sendRecords(index);
      const { delivered } = await producer.sendRun(each, signal);
      parts.push(failuresOf(delivered, () => index));
    } else records.push(each);
  await sendRecords(produced.length);
  return { delivered: Promise.all(parts).then((all) => all.flat()) };
}

async function failuresOf(
  delivered: Promise<SendResult>,
  place: (index: number) => number,
): Promise<readonly DeliveryFailure[]> {
  const { failures } = await delivered;
  return failures.map(({ index, error }) => ({ index: place(index), error }));
}
