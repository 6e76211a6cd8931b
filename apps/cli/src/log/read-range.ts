import { isAborted } from '@millrace/foundation';
import type { ConsumedRecord, KafkaClient, TopicDescription } from '@millrace/kafka-client';
import { badUsage } from '../errors.ts';
import { offsetsOf } from './topic-lookup.ts';

const POLL_MS = 1_000;

export interface Range {
  readonly topic: string;
  readonly from: ReadonlyMap<number, number>;
  readonly end: ReadonlyMap<number, number>;
}

/** Where to begin and where the topic ends as of now, by partition. */
export async function rangeOf(
  client: KafkaClient,
  topic: TopicDescription,
  { from, partition }: { readonly from: string; readonly partition?: string | undefined },
): Promise<Range> {
  const [earliest, latest] = await Promise.all([
    offsetsOf(client, topic, 'earliest'),
    offsetsOf(client, topic, 'latest'),
  ]);
  const wanted = partition === undefined ? undefined : wholeNumber('--partition', partition);
  if (wanted !== undefined && !latest.has(wanted))
    throw badUsage(`the topic "${topic.name}" has no partition ${wanted}`);
  const starts = new Map<number, number>();
  const ends = new Map<number, number>();
  for (const [number, end] of latest) {
    if (wanted !== undefined && number !== wanted) continue;
    starts.set(number, startOf(from, earliest.get(number) ?? 0, end));
    ends.set(number, end);
  }
  return { topic: topic.name, from: starts, end: ends };
}

function startOf(from: string, earliest: number, end: number): number {
  if (from === 'earliest') return earliest;
  if (from === 'latest') return end;
  if (!/^-?\d+$/.test(from))
    throw badUsage(`--from "${from}" is none of earliest, latest, an offset, -N`);
  const number = Number(from);
  return Math.min(end, Math.max(earliest, number < 0 ? end + number : number));
}

export function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw badUsage(`${option} "${text}" is not a whole number`);
  return Number(text);
}

/** Hands over the records of the range, until its end or, when following, until stopped. `onRecord` says whether to go on. */
export async function readRange(
  client: KafkaClient,
  range: Range,
  options: { readonly follow: boolean; readonly stop: AbortSignal },
  onRecord: (record: ConsumedRecord) => boolean,
): Promise<void> {
  const partitions = [...range.from.keys()];
  const reader = client.reader({ topic: range.topic, partitions, from: range.from });
  const onStop = (): void => reader.wakeup();
  options.stop.addEventListener('abort', onStop, { once: true });
  // A control record may be the last one, so the reader's position decides, not what it returned.
  const isAtEnd = (): boolean =>
    [...range.end].every(
      ([partition, end]) => (reader.position(partition) ?? range.from.get(partition) ?? 0) >= end,
    );
  try {
    while (!isAborted(options.stop) && (options.follow || !isAtEnd()))
      for (const record of await reader.poll({ timeoutMs: POLL_MS })) {
        const isBeyond = record.offset >= (range.end.get(record.partition) ?? 0);
        if (isBeyond && !options.follow) continue;
        if (!onRecord(record)) return;
      }
  } finally {
    options.stop.removeEventListener('abort', onStop);
    await reader.close();
  }
}
