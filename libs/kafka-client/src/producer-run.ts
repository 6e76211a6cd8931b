import type { Producer } from './producer-api.ts';
import type { ProducerRecord, ProducerRun, SendResult, WritableRun } from './records.ts';

/** A key as its record will have it, put together. */
export function packedKey(run: ProducerRun, index: number): Uint8Array {
  return between(run.keyStart, run, index * 4, run.keyEnd);
}

/** The records of a run one by one, with views of its bytes where they need no copy. */
export function recordsOfRun(run: ProducerRun): readonly ProducerRecord[] {
  const { topic, timestampMs, headers, valueStart, valueEnd } = run;
  return Array.from({ length: run.count }, (_, index) => ({
    topic,
    partition: null,
    key: run.hasKeys ? packedKey(run, index) : null,
    value: between(valueStart, run, index * 4 + 2, valueEnd),
    timestampMs,
    headers,
  }));
}

/** `writeRun` by way of `sendRun`, for a producer without batches of its own: as many records as lie together. */
export async function writePacked(
  producer: Pick<Producer, 'sendRun'>,
  run: WritableRun,
  from: number,
  signal?: AbortSignal,
): Promise<{ readonly delivered: Promise<SendResult>; readonly end: number }> {
  const packed = run.packed(from);
  if (packed === null) return { delivered: Promise.resolve({ failures: [] }), end: from };
  const { delivered } = await producer.sendRun(packed, signal);
  return { delivered, end: from + packed.count };
}

function between(
  start: Uint8Array,
  { at, bytes }: ProducerRun,
  slot: number,
  end: Uint8Array,
): Uint8Array {
  const middle = bytes.subarray(at[slot], at[slot + 1]);
  return start.byteLength + end.byteLength === 0 ? middle : Buffer.concat([start, middle, end]);
}
